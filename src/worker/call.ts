/**
 * One call of a task in a worker.
 *
 * @module
 */

import type { FutureSource } from "../futures/future.ts";
import type { Lender } from "../futures/nested.ts";
import { carries, runCarried } from "../task/carry.ts";
import type { TaskContext } from "../task/current.ts";

/** Who passes on the progress of a call. */
export interface ProgressSink {
  progress(call: Call, value: unknown): void;
}

/** Shared by all calls without arguments; nobody adds to it. */
const NOTHING: unknown[] = [];

/** A call, and the context that its task sees as `current()`. */
export class Call implements TaskContext, Lender {
  /** Its number in the messages of the pool. */
  readonly number: number;
  readonly reference: number;
  readonly isChunk: boolean;
  readonly workerId: number;
  readonly executor: string;
  attempt = 1;
  /** The number of the first attempt. */
  first: number;
  /** What the task is known by, if another executor has passed it on. */
  taskId: string | undefined;
  readonly receivedAt: number;
  args: unknown[] = NOTHING;
  /** Whether values of async contexts follow the arguments. */
  carries = false;
  /** Those values, by the names of their stores. */
  carried: Record<string, unknown> | undefined;
  /** Why it cannot be run, if it cannot. */
  refused: { readonly error: unknown } | undefined;
  startedAt = 0;
  /** How long it computed before it first waited; undefined if it never did. */
  syncTime: number | undefined;
  /** Lends the place of the call while its task waits; only where the pool is in this loop. */
  lend: ((on: FutureSource | undefined) => () => void) | undefined;
  readonly #sink: ProgressSink;
  #controller: AbortController | undefined;

  constructor(
    number: number,
    reference: number,
    isChunk: boolean,
    workerId: number,
    executor: string,
    sink: ProgressSink,
    receivedAt: number,
  ) {
    this.number = this.first = number;
    this.reference = reference;
    this.isChunk = isChunk;
    this.workerId = workerId;
    this.executor = executor;
    this.#sink = sink;
    this.receivedAt = receivedAt;
  }

  get id(): string {
    return this.taskId ?? `${this.executor}-${this.first}`;
  }

  /** Made when first asked for: most tasks never do. */
  get signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal;
  }

  /** Made when it is asked for, so that it can be taken out of its context. */
  get progress(): (value: unknown) => void {
    return (value) => this.#sink.progress(this, value);
  }

  /** Gives away the arguments: the context of a call may be kept for longer than they are needed. */
  takeArgs(): unknown[] {
    const { args } = this;
    this.args = NOTHING;
    return args;
  }

  /** Calls the function of the task with what was carried. */
  invoke<A extends unknown[], R>(fn: (...args: A) => R, args: A): R {
    return carries() ? runCarried(this.carried, () => fn(...args)) : fn(...args);
  }

  /** Throws the reason if the signal has fired. */
  throwIfAborted(): void {
    this.#controller?.signal.throwIfAborted();
  }

  /** Fires the signal. */
  abort(reason: unknown): void {
    (this.#controller ??= new AbortController()).abort(reason);
  }
}
