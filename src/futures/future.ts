/**
 * A future: the result of a task that runs elsewhere.
 *
 * @module
 */

import { checkFunction } from "../core/check.ts";
import { CancelledError, InvalidStateError, TimeoutError } from "../core/errors.ts";
import { runtime } from "../runtime/mod.ts";
import type { Task } from "../task/task.ts";
import { printsAs } from "../core/inspect.ts";
import { checkWait, type WaitOptions } from "../core/wait_options.ts";
import { startTimer } from "../time/system_clock.ts";
import { chain } from "./chain.ts";
import type { Executor } from "./executor.ts";
import { startWait } from "./nested.ts";
import type { FutureSource, Outcome } from "./source.ts";

const PENDING = 0, FULFILLED = 1, REJECTED = 2, CANCELLED = 3;

/** A stored callback. It does not mention the type of the value, so that a Future<number> is a Future<unknown>. */
type Callback = (future: never) => unknown;

/** Settles a future with a value; no effect if it is settled. */
export let fulfil: <T>(future: Future<T>, value: T) => void;
/** Settles a future with an error. Returns false if the future has not been observed. */
export let reject: (future: Future<unknown>, error: unknown) => boolean;
/** Settles a future as cancelled. */
export let markCancelled: (future: Future<unknown>) => void;
/** Passes progress to the listeners of a future. */
export let reportProgress: (future: Future<unknown>, value: unknown) => void;
/** Calls back when a future is observed for the first time; never if it was observed before. */
export let whenObserved: (future: Future<unknown>, fn: () => void) => void;
/**
 * Like `addDoneCallback`, but does not observe the future, so that its failure still counts as unobserved. The callback
 * runs in the context that settles the future.
 */
export let whenDone: <F extends Future<unknown>>(future: F, fn: (future: F) => void) => void;
/** Marks a future as observed, for a consumer that receives its outcome. */
export let observe: (future: Future<unknown>) => void;
/** The outcome of a future, without observing it; undefined if it is pending or was cancelled. */
export let outcomeOf: (future: Future<unknown>) => Outcome | undefined;
/** The source of a pending future. */
export let sourceOf: (future: Future<unknown>) => FutureSource | undefined;
/**
 * Whether a caller received the error of a future by a throw or a promise, rather than only the fact that it has ended.
 */
export let wasThrown: (future: Future<unknown>) => boolean;
/** Number of callbacks that wait for a future. */
export let callbacksOf: (future: Future<unknown>) => number;
/** Removes a callback that `whenDone` has added. */
export let removeDoneCallback: <F extends Future<unknown>>(future: F, fn: (future: F) => void) => void;

/**
 * The result of a task: pending at first, then fulfilled, rejected or cancelled, which is final.
 *
 * A future can be awaited like a promise. Its promise is created on first use, so a failed future that is never
 * observed is not an unhandled rejection and does not crash the program. Instead, its executor dispatches an
 * `unobserved` event one turn after the failure. Without a listener the failure is printed when the future is
 * collected, one turn after its executor was shut down, or when the program ends, whichever is first.
 *
 * A future is observed by `await` and `then`, by `result`, `exception` and their `...Now` forms, and by a done
 * callback. Its consumers observe it too: `wait`, `asCompleted`, a joined `TaskGroup`, an observed link or pipeline
 * step that follows it. `console.log(future)` shows its state and its value or error, and does not observe it.
 *
 * **Order.** Callbacks run in the order they were added. **Cancellation.** `cancel` drops a task that has not started,
 * `abort` also stops a running one. **Cost.** One small object; a promise only if it is awaited.
 *
 * @typeParam T the type of the task's result.
 *
 * @example Await a future, and read its value again
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { InlineExecutor, task } from "@heddle/heddle";
 *
 * const add = task(import.meta, function add(a: number, b: number): number {
 *   return a + b;
 * });
 * const future = new InlineExecutor().submit(add, 2, 3);
 * assertEquals(await future, 5);
 * assert(future.done);
 * assertEquals(future.resultNow(), 5);
 * ```
 */
export class Future<T> implements PromiseLike<T> {
  #state: number = PENDING;
  #value: unknown = undefined;
  #source: FutureSource | undefined;
  #callbacks: Callback[] | undefined;
  #listeners: ((value: unknown) => void)[] | undefined;
  #promise: Promise<T> | undefined;
  #resolve: ((value: never) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #observed: boolean | (() => void) = false;
  #thrown = false;

  /** Executors create futures; `source` controls the work. */
  constructor(source?: FutureSource) {
    this.#source = source;
  }

  static {
    fulfil = (future, value) => future.#settle(FULFILLED, value);
    reject = (future, error) => {
      future.#settle(REJECTED, error);
      return future.#observed === true;
    };
    markCancelled = (future) => future.#settle(CANCELLED, undefined);
    reportProgress = (future, value) => {
      for (const listener of future.#listeners ?? []) future.#call(listener, value);
    };
    whenObserved = (future, fn) => {
      if (future.#observed !== true) future.#observed = fn;
    };
    whenDone = (future, fn) => {
      if (future.#state !== PENDING) future.#call(fn, future);
      else (future.#callbacks ??= []).push(fn);
    };
    observe = (future) => future.#look();
    outcomeOf = (future) => {
      if (future.#state === FULFILLED) return { value: future.#value };
      return future.#state === REJECTED ? { error: future.#value } : undefined;
    };
    sourceOf = (future) => future.#source;
    wasThrown = (future) => future.#thrown || future.#promise !== undefined;
    callbacksOf = (future) => future.#callbacks?.length ?? 0;
    removeDoneCallback = (future, fn) => {
      const place = future.#callbacks?.indexOf(fn) ?? -1;
      if (place !== -1) future.#callbacks!.splice(place, 1);
    };
    printsAs(this, "Future", (future) => future.#picture());
  }

  /** Whether the future is settled: fulfilled, rejected or cancelled. */
  get done(): boolean {
    return this.#state !== PENDING;
  }

  /** Whether the task is running. May be out of date when read: the task may have ended since. */
  get running(): boolean {
    return this.#state === PENDING && this.#source?.running === true;
  }

  /** Whether the task was cancelled before it started. */
  get cancelled(): boolean {
    return this.#state === CANCELLED;
  }

  /**
   * Cancels the task if it has not started. A running task is not affected; use `abort` to stop it.
   *
   * @returns whether the future is cancelled now.
   */
  cancel(): boolean {
    if (this.#state !== PENDING) return this.#state === CANCELLED;
    return this.#source?.cancel() ?? false;
  }

  /**
   * Stops the task and rejects this future at once. A waiting task is dropped. A running task sees its signal and keeps
   * its place until it ends. Its worker is replaced if the task has not ended within its `grace`. A value or an error
   * of the task after the abort is dropped.
   *
   * @param reason rejects the future; an `AbortError` by default.
   */
  abort(reason: unknown = new DOMException("This operation was aborted", "AbortError")): void {
    if (this.#state === PENDING) this.#source?.abort(reason);
  }

  /**
   * Waits for the value.
   *
   * **Cancellation.** A wait that ends early leaves no callback behind, and the task goes on.
   *
   * @throws {TimeoutError} if the timeout expires first; with `timeout: 0`, if the future is not done.
   * @throws {CancelledError} if the future is cancelled.
   * @throws the signal's reason if it is aborted, or the task's error.
   */
  result(options?: WaitOptions): Promise<T> {
    if (options === undefined) return this.#asPromise();
    this.#look();
    return within(this, options).then(() => this.resultNow());
  }

  /**
   * Waits for the task to end, and returns its error.
   *
   * @returns the error, or undefined if the task succeeds.
   * @throws {TimeoutError} if the timeout expires first.
   * @throws {CancelledError} if the future is cancelled.
   */
  exception(options: WaitOptions = {}): Promise<unknown> {
    this.#look();
    return within(this, options).then(() => this.exceptionNow());
  }

  /**
   * Returns the value without waiting.
   *
   * @throws {InvalidStateError} if the future is not done.
   * @throws {CancelledError} if it was cancelled.
   * @throws the task's error, if it failed.
   */
  resultNow(): T {
    this.#look();
    if (this.#state === FULFILLED) return this.#value as T;
    this.#thrown = this.#state === REJECTED;
    throw this.#state === REJECTED ? this.#value : this.#whyNot();
  }

  /**
   * Returns the error without waiting, or undefined if the task succeeded.
   *
   * @throws {InvalidStateError} if the future is not done.
   * @throws {CancelledError} if it was cancelled.
   */
  exceptionNow(): unknown {
    this.#look();
    if (this.#state === REJECTED) return this.#value;
    if (this.#state === FULFILLED) return undefined;
    throw this.#whyNot();
  }

  /**
   * Calls a function with this future when it is done, or at once if it is done already. Functions are called in the
   * order they were added, each in the async context in which it was added. If one throws, the error is printed and the
   * others are still called.
   */
  addDoneCallback(fn: (future: Future<T>) => void): void {
    checkFunction("Cannot add a callback as 'fn'", fn);
    this.#look();
    if (this.#state !== PENDING) return this.#call(fn, this);
    const enter = runtime.captureContext();
    (this.#callbacks ??= []).push((future: this) => enter(() => fn(future)));
  }

  /**
   * Calls a function with each value that the task passes to `current().progress()` from now on, in the async context
   * of this call.
   */
  onProgress(fn: (value: unknown) => void): void {
    checkFunction("Cannot listen to progress as 'fn'", fn);
    const enter = runtime.captureContext();
    (this.#listeners ??= []).push((value) => enter(() => fn(value)));
  }

  /**
   * Submits a task with the value of this future as its first argument, once the value is available. Such links form a
   * chain, which may lead from one executor to another. If this future fails or is cancelled, the new future does too,
   * and the task never runs. A link that exists when the shutdown of its executor begins is work in flight: the
   * shutdown waits for it.
   *
   * **Cancellation.** `cancel` and `abort` of the new future apply to the task of this link once it was submitted.
   * Before that the new future ends at once, and this future is cancelled or aborted too unless another link needs it.
   * **Cost.** A few objects per link; the stack stays flat even if a long chain fails.
   *
   * @typeParam B the further arguments of the task.
   * @typeParam R the type of the task's result.
   * @param executor where the task runs.
   * @param rest the arguments after the first one.
   * @returns the future of the task.
   *
   * @example Chain tasks across executors
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { inline, InlineExecutor, ThreadPoolExecutor } from "@heddle/heddle";
   *
   * const here = new InlineExecutor();
   * const threads = new ThreadPoolExecutor({ maxWorkers: 1 });
   * const length = here.submit(inline((text: string) => text.length), "heddle");
   * assertEquals(await length.thenSubmit(threads, inline((n: number, factor: number) => n * factor), 7), 42);
   * await threads.shutdown();
   * ```
   */
  thenSubmit<B extends unknown[], R>(
    executor: Executor,
    task: Task<[T, ...B], R>,
    ...rest: NoInfer<B>
  ): Future<Awaited<R>> {
    return chain(this as Future<T>, (value) => executor.submit(task, ...([value, ...rest] as never)), executor);
  }

  /** Like `Promise.prototype.then`. */
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#asPromise().then(onFulfilled, onRejected);
  }

  /** Like `Promise.prototype.catch`. */
  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#asPromise().catch(onRejected);
  }

  /** Like `Promise.prototype.finally`. */
  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#asPromise().finally(onFinally);
  }

  /** The class name shown when a future is printed. */
  get [Symbol.toStringTag](): string {
    return "Future";
  }

  /**
   * The fields that are printed. Printing does not observe the future: a failure that was only logged is still
   * reported.
   */
  #picture(): object {
    if (this.#state === FULFILLED) return { state: "fulfilled", value: this.#value };
    if (this.#state === REJECTED) return { state: "rejected", error: this.#value };
    return { state: this.#state === CANCELLED ? "cancelled" : this.running ? "running" : "pending" };
  }

  #asPromise(): Promise<T> {
    this.#look();
    if (this.#state === PENDING) {
      const refused = this.#startWait();
      if (refused !== undefined) return refused;
    }
    if (this.#promise === undefined) {
      this.#promise = new Promise<T>((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
      });
      if (this.#state !== PENDING) this.#settlePromise();
    }
    return this.#promise;
  }

  /**
   * Registers a wait of the current task, whose place is free meanwhile. Refused if the task would wait for itself.
   */
  #startWait(): Promise<never> | undefined {
    try {
      const stop = startWait(this.#source);
      if (stop !== undefined) whenDone(this, stop);
      return undefined;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #settlePromise(): void {
    if (this.#state === FULFILLED) this.#resolve!(this.#value as never);
    else this.#reject!(this.#state === REJECTED ? this.#value : this.#whyNot());
    this.#resolve = this.#reject = undefined;
  }

  #look(): void {
    if (this.#observed === true) return;
    const first = this.#observed;
    this.#observed = true;
    if (first !== false) first();
  }

  #whyNot(): Error {
    if (this.#state === CANCELLED) return new CancelledError("The task was cancelled before it started");
    return new InvalidStateError("Cannot take the outcome of a task that has not ended: await it first");
  }

  #settle(state: number, value: unknown): void {
    if (this.#state !== PENDING) return;
    this.#state = state;
    this.#value = value;
    // A settled future needs neither its source nor its listeners.
    this.#source = undefined;
    this.#listeners = undefined;
    if (this.#promise !== undefined) this.#settlePromise();
    const callbacks = this.#callbacks;
    this.#callbacks = undefined;
    if (callbacks === undefined) return;
    for (const callback of callbacks) this.#call(callback as (future: this) => unknown, this);
  }

  #call<V>(fn: (value: V) => unknown, value: V): void {
    try {
      const answer = fn(value);
      if (answer instanceof Promise) answer.catch((error) => runtime.printError(error));
    } catch (error) {
      runtime.printError(error);
    }
  }
}

/**
 * Waits until a future is done, with any outcome.
 *
 * @throws {TimeoutError} if the timeout expires first.
 * @throws the signal's reason if it is aborted.
 */
export async function within<T>(future: Future<T>, options: WaitOptions): Promise<void> {
  const { timeout, signal } = checkWait("Cannot wait", options);
  if (future.done) return;
  signal?.throwIfAborted();
  if (timeout === 0) throw timedOut(timeout);
  const stopWait = startWait(sourceOf(future));
  await new Promise<void>((resolve, reject) => {
    const done = () => end(resolve);
    const abort = () => end(() => reject(signal!.reason));
    const stopTimer = startTimer(timeout, () => end(() => reject(timedOut(timeout))));
    const end = (finish: () => void) => {
      stopTimer();
      signal?.removeEventListener("abort", abort);
      removeDoneCallback(future, done);
      stopWait?.();
      finish();
    };
    whenDone(future, done);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

function timedOut(timeout: number): TimeoutError {
  return new TimeoutError(`Cannot wait longer for the task: its time limit is ${timeout} ms`);
}
