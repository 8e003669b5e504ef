/**
 * A task on its way through a pool.
 *
 * @module
 */

import { Future, type FutureSource } from "../futures/future.ts";
import type { SubmitOptions } from "../futures/executor.ts";
import type { EnterContext } from "../runtime/types.ts";
import type { Packet } from "../wire/baggage.ts";
import type { Caller } from "./caller.ts";
import type { KnownTask } from "./known_task.ts";
import type { Attempts } from "./endings.ts";
import type { Identity } from "./submission.ts";
import type { Slot } from "./slot.ts";

/** What becomes of work when its caller asks. */
interface WorkOwner {
  cancel(work: Work): boolean;
  abort(work: Work, reason: unknown): void;
  lend(work: Work, on: FutureSource | undefined): () => void;
}

/** A task is in the line, at a worker, over, or between two attempts. */
export const WAITING = 0, SENT = 1, SETTLED = 2, PAUSED = 3;

/** Why a task was told to stop. */
export interface Abort {
  readonly reason: unknown;
  /** Whether its time was up, and another attempt follows once this one has ended. */
  readonly late: boolean;
  /** Whether it may still return a value: the program is ending, and its future waits for it. */
  readonly gentle?: boolean;
  /** Whether it may take any time to end, up to its own time limit. */
  readonly unlimited?: boolean;
}

/** A submitted task: its encoded arguments, its future, and where it is. */
export class Work implements FutureSource {
  readonly future: Future<unknown>;
  readonly task: KnownTask;
  readonly options: SubmitOptions;
  /** How many items travel in it, if it is a chunk of a `map`. */
  readonly items: number;
  readonly caller: Caller | undefined;
  /** What it is to its task, if another executor has given it to this one. */
  readonly identity: Identity | undefined;
  readonly #owner: WorkOwner;
  packet: Packet | undefined;
  /** Whether values of async contexts travel behind the arguments. */
  carries = false;
  state: number = WAITING;
  slot: Slot | undefined;
  id = 0;
  // Undefined at first, so that works of one turn share the one boxed number; a field that begins as a number has its own.
  submittedAt: number | undefined = undefined;
  sentAt: number | undefined = undefined;
  /** Whether it was said to start, and was taken back then. */
  announced = false;
  /** What the dispatcher thought it would take, in milliseconds. */
  estimate = 0;
  /** Set once it has been told to stop while it ran. Its future is done then, unless the abort is late or gentle. */
  aborted: Abort | undefined;
  /** Stops the timer of its time limit, of its grace or of its pause. */
  stopTimer: (() => void) | undefined;
  /** What it has been through, if it may be tried again and has failed. */
  attempts: Attempts | undefined;
  /** The async context it was submitted in, if it runs in this loop. */
  context: EnterContext | undefined;

  constructor(
    owner: WorkOwner,
    task: KnownTask,
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

  /** Which attempt it is, from 1. */
  get attempt(): number {
    return this.identity?.attempt ?? this.attempts?.number ?? 1;
  }

  get running(): boolean {
    return this.state === SENT && this.slot!.isRunning(this);
  }

  /** Whether its worker may be ended under it: it was dropped there, or was aborted and its grace is over. */
  get expendable(): boolean {
    return this.stopTimer === undefined && (this.state === SETTLED || this.aborted !== undefined);
  }

  /**
   * Whether it may be sent to a worker before the worker is free: nothing in it asks for exact times, or is
   * lost with a worker that never began it.
   */
  get plain(): boolean {
    const { blobs, attachments, lent } = this.packet!;
    return this.options.timeout === undefined && blobs.length + attachments.length + lent.length === 0;
  }

  /**
   * Whether it may be sent to a worker that is not ready, or behind what runs there: it can be sent again elsewhere, as nothing
   * in it is handed over, and its time limit begins with its start.
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

  /** The task waits, and lends its place to others until the returned function is called. */
  lend(on: FutureSource | undefined): () => void {
    return this.#owner.lend(this, on);
  }
}

function isShared(attachment: object): boolean {
  return attachment instanceof SharedArrayBuffer;
}
