/**
 * A task in a cluster, as its caller sees it.
 *
 * @module
 */

import { Future } from "../futures/future.ts";
import type { FutureSource } from "../futures/source.ts";
import type { Caller } from "../pool/engine/caller.ts";
import { jobIdOf } from "./task_id.ts";
import type { ClusterSubmitOptions } from "./options.ts";

/** The future of a task in a cluster. */
export interface ClusterFuture<T> extends Future<T> {
  /** The id of the task, valid in all programs and after a restart. */
  readonly id: string;
  /** Resolves once the server has stored the task; rejects with the reason if it does not. */
  readonly accepted: Promise<void>;
}

/** States of a task: not sent yet, on its way to the server, waiting there, running at a host, over. */
export const HELD = 0, SENT = 1, WAITING = 2, RUNNING = 3, OVER = 4;

/** Cancels and aborts tasks for their callers. */
export interface TaskOwner {
  cancel(task: ClusterTask): boolean;
  abort(task: ClusterTask, reason: unknown): void;
}

/** A submission of a caller. */
export interface ClusterSubmission {
  readonly id: string;
  readonly name: string;
  readonly options: ClusterSubmitOptions;
  /** The number of items of a chunk of a `map`; undefined for a single task. */
  readonly items: number | undefined;
  readonly caller: Caller | undefined;
  /** Values of async contexts that the task is to see, by the names of their stores. */
  readonly carried: Record<string, unknown> | undefined;
}

/** A task, its future and its state. */
export class ClusterTask implements FutureSource {
  readonly id: string;
  readonly jobId: string;
  name: string;
  readonly options: ClusterSubmitOptions;
  readonly items: number | undefined;
  readonly caller: Caller | undefined;
  readonly future: TaskFuture<unknown>;
  /** The encoded arguments, until they are sent. */
  args = "";
  /** The encoded values of async contexts, until they are sent. */
  carried: string | undefined;
  /** Tells the job of this submit from one that had the same key before. */
  readonly nonce: string | undefined;
  state: number = HELD;
  readonly submittedAt: number;
  /** When the server confirmed that it is stored; -1 before. */
  acceptedAt = -1;
  startedAt = 0;
  /** When its state was last known. */
  seenAt = 0;
  /** Whether its caller has cancelled it. */
  cancelling = false;
  /** The error of a task that is being taken back because no host can run it. */
  takenBack: unknown;
  /** The reason of an abort or a timeout. The future is done then. */
  aborted: { readonly reason: unknown } | undefined;
  /** Whether it has timed out: its host stops it without being told. */
  late = false;
  readonly #owner: TaskOwner;

  constructor(owner: TaskOwner, submission: ClusterSubmission, now: number) {
    const { id, name, options, items, caller } = submission;
    this.#owner = owner;
    this.id = id;
    this.jobId = jobIdOf(id);
    this.name = name;
    this.options = options;
    this.items = items;
    this.caller = caller;
    this.nonce = options.key === undefined ? undefined : crypto.randomUUID();
    this.submittedAt = now;
    this.future = new TaskFuture(id, this);
  }

  get running(): boolean {
    return this.state === RUNNING;
  }

  cancel(): boolean {
    return this.#owner.cancel(this);
  }

  abort(reason: unknown): void {
    this.#owner.abort(this, reason);
  }
}

/** The future of a task in a cluster. */
export class TaskFuture<T> extends Future<T> implements ClusterFuture<T> {
  readonly id: string;
  #accepted: Promise<void> | undefined;
  #settled: { readonly error?: unknown } | undefined;
  #resolve: (() => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;

  constructor(id: string, source: FutureSource) {
    super(source);
    this.id = id;
  }

  /** Created on first access. */
  get accepted(): Promise<void> {
    if (this.#accepted === undefined) {
      this.#accepted = new Promise((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
      });
      this.#accepted.catch(() => {});
      if (this.#settled !== undefined) this.#tell();
    }
    return this.#accepted;
  }

  /** Settles `accepted`. */
  settleAccepted(how: { readonly error?: unknown }): void {
    if (this.#settled !== undefined) return;
    this.#settled = how;
    if (this.#accepted !== undefined) this.#tell();
  }

  #tell(): void {
    const how = this.#settled!;
    if ("error" in how) this.#reject!(how.error);
    else this.#resolve!();
  }
}
