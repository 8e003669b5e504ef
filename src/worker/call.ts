/**
 * A call of a task in a worker.
 *
 * @module
 */

import type { FutureSource } from "../futures/source.ts";
import type { NestedWaitContext } from "../futures/nested.ts";
import type { EnterContext } from "../runtime/types.ts";
import { carries, runCarried } from "../task/carry.ts";
import type { TaskContext } from "../task/current.ts";

/** Forwards the progress of a call. */
export interface ProgressSink {
  progress(call: Call, value: unknown): void;
}

/** Shared by all calls without arguments; never modified. */
const NOTHING: unknown[] = [];

/** A call of a task, and the context that the task sees as `current()`. */
export class Call implements TaskContext, NestedWaitContext {
  /** The number of the call in the pool's messages. */
  readonly number: number;
  readonly reference: number;
  readonly isChunk: boolean;
  readonly workerId: number;
  readonly executor: string;
  attempt = 1;
  /** The number of the first attempt. */
  first: number;
  /** The task's id, if another executor forwarded the task. */
  taskId: string | undefined;
  readonly receivedAt: number;
  /** The number of values that a stream may send at first; 0 for other tasks. */
  window = 0;
  args: unknown[] = NOTHING;
  /** Whether values of async contexts follow the arguments. */
  carries = false;
  /** The values of async contexts, by the names of their stores. */
  carried: Record<string, unknown> | undefined;
  /** The error that prevents the call from running, if any. */
  refused: { readonly error: unknown } | undefined;
  startedAt = 0;
  /** The time until the task first waited; undefined if it never waited. */
  syncTime: number | undefined;
  /**
   * Frees the call's slot while its task waits for other tasks (a nested wait). Set only if the pool runs in this event
   * loop.
   */
  beginNestedWait: ((on: FutureSource | undefined) => () => void) | undefined;
  /** Enters the async context of its caller; only where the pool is in this loop. */
  enter: EnterContext | undefined;
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

  /** Made at the first access: most tasks never use it. */
  get signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal;
  }

  /** A new function at each access, so that it works without its context object. */
  get progress(): (value: unknown) => void {
    return (value) => this.#sink.progress(this, value);
  }

  /** Returns the arguments and drops them: the context of a call may live longer than they are needed. */
  takeArgs(): unknown[] {
    const { args } = this;
    this.args = NOTHING;
    return args;
  }

  /** Calls the function of the task with the carried values. */
  invoke<A extends unknown[], R>(fn: (...args: A) => R, args: A): R {
    return carries() ? runCarried(this.carried, () => fn(...args)) : fn(...args);
  }

  /** Throws the abort reason if the signal has fired. */
  throwIfAborted(): void {
    this.#controller?.signal.throwIfAborted();
  }

  /** Fires the signal. */
  abort(reason: unknown): void {
    (this.#controller ??= new AbortController()).abort(reason);
  }
}
