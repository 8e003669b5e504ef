/**
 * A task on its way through a cluster, as its caller sees it.
 *
 * @module
 */

import { Future, type FutureSource } from "../futures/future.ts";
import type { Caller } from "../pool/caller.ts";
import { jobIdOf } from "./task_id.ts";
import type { ClusterSubmitOptions } from "./options.ts";

/** The future of a task in a cluster. */
export interface ClusterFuture<T> extends Future<T> {
  /** What the task is known by, here and elsewhere, now and after a restart. */
  readonly id: string;
  /** Resolves once the server has stored the task; rejects with what kept it from that. */
  readonly accepted: Promise<void>;
}

/** A task is not sent yet; on its way to the server; waits there; runs at a host; or is over. */
export const HELD = 0, SENT = 1, WAITING = 2, RUNNING = 3, OVER = 4;

/** What becomes of a task when its caller asks. */
export interface TaskOwner {
  cancel(task: ClusterTask): boolean;
  abort(task: ClusterTask, reason: unknown): void;
}

/** What is asked of a cluster. */
export interface ClusterSubmission {
  readonly id: string;
  readonly name: string;
  readonly options: ClusterSubmitOptions;
  /** How many items a chunk of a `map` has; undefined for a single task. */
  readonly items: number | undefined;
  readonly caller: Caller | undefined;
  /** Values of async contexts that the task is to see, by the names of their stores. */
  readonly carried: Record<string, unknown> | undefined;
}

/** A task, its future, and where it is. */
export class ClusterTask implements FutureSource {
  readonly id: string;
  readonly jobId: string;
  name: string;
  readonly options: ClusterSubmitOptions;
  readonly items: number | undefined;
  readonly caller: Caller | undefined;
  readonly future: TaskFuture<unknown>;
  /** Its encoded arguments, until they are sent. */
  args = "";
  /** Encoded, as the arguments are. */
  carried: string | undefined;
  /** Tells the job it has made from one that was there. */
  readonly nonce: string | undefined;
  state: number = HELD;
  readonly submittedAt: number;
  /** When the server had stored it; -1 before. */
  acceptedAt = -1;
  startedAt = 0;
  /** When something was last known of it. */
  seenAt = 0;
  /** Whether its caller wants it dropped if it still waits. */
  cancelling = false;
  /** Why it is being taken back, if it is: nobody would ever run it. */
  takenBack: unknown;
  /** Why its caller has stopped it, or its time was up. Its future is done then. */
  aborted: { readonly reason: unknown } | undefined;
  /** Whether it was its time that was up: its host stops it by itself. */
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

  /** Made when first asked for. */
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

  /** The server has stored the task, or will not. */
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
