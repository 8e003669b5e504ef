/**
 * A job: a task on its way through a pool.
 *
 * @module
 */

import { Future } from "../../futures/future.ts";
import type { FutureSource } from "../../futures/source.ts";
import type { SubmitOptions } from "../../futures/executor.ts";
import type { EnterContext } from "../../runtime/types.ts";
import { kindOf } from "../../wire/handles.ts";
import { ArgumentSource, isTouched } from "../../wire/iterables.ts";
import type { Packet } from "../../wire/out_of_band.ts";
import type { Caller } from "./caller.ts";
import type { TaskEntry } from "./task_entry.ts";
import type { Identity } from "./submission.ts";
import type { PoolWorker } from "../workers/pool_worker.ts";

/** The owner of a job, which carries out the requests of its caller. */
export interface JobOwner {
  cancel(job: Job): boolean;
  abort(job: Job, reason: unknown): void;
  beginNestedWait(job: Job, on: FutureSource | undefined): () => void;
}

/** The states of a job: in the queue, at a worker, ended, or between two attempts. */
export const WAITING = 0, SENT = 1, SETTLED = 2, PAUSED = 3;

/** The abort of a job. */
export interface Abort {
  readonly reason: unknown;
  /** Whether its time limit was exceeded, and another attempt follows once this one has ended. */
  readonly late: boolean;
  /** Whether the task may still return a value: the program is ending, and the future waits for the task. */
  readonly gentle?: boolean;
  /** Whether the task may take any time to end, up to its own time limit. */
  readonly unlimited?: boolean;
  /** Whether the consumer of a stream has left, so that the error it ends with is its own. */
  readonly left?: boolean;
}

/** The attempts of a job so far. */
export interface Attempts {
  /** The current attempt, from 1. */
  number: number;
  /** The number of the job at its worker in the first attempt. */
  readonly first: number;
  readonly earlier: unknown[];
}

/** A submitted task: its encoded arguments, its future, and its state. */
export class Job implements FutureSource {
  readonly future: Future<unknown>;
  readonly task: TaskEntry;
  readonly options: SubmitOptions;
  /** Number of items, if it is a chunk of a `map`; otherwise 0. */
  readonly items: number;
  readonly caller: Caller | undefined;
  /** The identity that the task sees, if another executor has passed it on. */
  readonly identity: Identity | undefined;
  readonly #owner: JobOwner;
  packet: Packet | undefined;
  /** Whether values of async contexts travel behind the arguments. */
  carries = false;
  state: number = WAITING;
  worker: PoolWorker | undefined;
  id = 0;
  // Undefined at first, so that jobs of one turn share one boxed number; a field that starts as a number has its own.
  submittedAt: number | undefined = undefined;
  sentAt: number | undefined = undefined;
  /** Whether its start was announced before it was taken back. */
  announced = false;
  /** The dispatcher's estimate of its run time, in milliseconds. */
  estimate = 0;
  /** Set by an abort while it runs. Its future is done then, unless the abort is late or gentle. */
  aborted: Abort | undefined;
  /** Stops the timer of its time limit, its grace or its delay. */
  stopTimer: (() => void) | undefined;
  /** Its attempts, if it has `retry` and has failed. */
  attempts: Attempts | undefined;
  /** The async context of its submission, if it runs in this loop. */
  context: EnterContext | undefined;

  constructor(
    owner: JobOwner,
    task: TaskEntry,
    options: SubmitOptions,
    items: number,
    caller: Caller | undefined,
    identity?: Identity,
  ) {
    this.#owner = owner;
    this.identity = identity;
    this.task = task;
    this.options = options;
    this.items = items;
    this.caller = caller;
    this.future = new Future(this);
  }

  /** The attempt, from 1. */
  get attempt(): number {
    return this.identity?.attempt ?? this.attempts?.number ?? 1;
  }

  /** The number of values that a stream may be ahead of its consumer; 0 for other jobs. */
  get window(): number {
    return 0;
  }

  /** Whether it is for one worker, and is sent to no other. */
  get pinned(): boolean {
    return false;
  }

  /**
   * Whether its arguments can be sent once more: what was moved, and is no memory, was gone with the first attempt, as
   * are the values of an async iterable.
   */
  get repeatable(): boolean {
    const { attachments, lent } = this.packet!;
    return attachments.every(isRepeatable) && lent.every(({ handle }) => isRepeatable(handle));
  }

  get running(): boolean {
    return this.state === SENT && this.worker!.isRunning(this);
  }

  /** Whether its worker may be ended while it runs: it was dropped, or it was aborted and its grace is over. */
  get expendable(): boolean {
    return this.stopTimer === undefined && (this.state === SETTLED || this.aborted !== undefined);
  }

  /**
   * Whether it may be sent to a worker before the worker is free: it needs no exact times and no resources, and nothing
   * in it is lost with a worker that never started it.
   */
  get plain(): boolean {
    const { blobs, attachments, lent } = this.packet!;
    const { timeout, resources } = this.options;
    return timeout === undefined && resources === undefined && blobs.length + attachments.length + lent.length === 0;
  }

  /**
   * Whether it may be sent to a worker that is not ready, or behind running tasks: it transfers nothing and has no time
   * limit, so that it can be sent again to another worker.
   */
  get movable(): boolean {
    const { blobs, attachments, lent } = this.packet!;
    return this.options.timeout === undefined && blobs.length + lent.length === 0 && attachments.every(isShared);
  }

  cancel(): boolean {
    return this.#owner.cancel(this);
  }

  abort(reason: unknown): void {
    this.#owner.abort(this, reason);
  }

  /** Starts a nested wait. Others may run in the place of this task until the returned function is called. */
  beginNestedWait(on: FutureSource | undefined): () => void {
    return this.#owner.beginNestedWait(this, on);
  }
}

function isShared(attachment: object): boolean {
  return attachment instanceof SharedArrayBuffer;
}

/** Whether an object beside the arguments can be sent once more: memory is copied, and handles stay where they are. */
export function isRepeatable(item: object): boolean {
  if (item instanceof ArrayBuffer || item instanceof SharedArrayBuffer || typeof item === "function") return true;
  return item instanceof ArgumentSource ? !isTouched(item) : kindOf(item) !== undefined;
}
