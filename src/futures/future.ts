/**
 * The result of work that is done elsewhere.
 *
 * @module
 */

import { checkFunction } from "../core/check.ts";
import { CancelledError, InvalidStateError } from "../core/errors.ts";
import { runtime } from "../runtime/mod.ts";
import type { Task } from "../task/task.ts";
import { printsAs } from "../core/inspect.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import { chain } from "./chain.ts";
import type { Executor } from "./executor.ts";
import { startWait } from "./nested.ts";
import type { Outcome } from "./results.ts";
import { within } from "./within.ts";

/** Who can stop the work behind a future. */
export interface FutureSource {
  /** Drops the work if it still waits; the source settles the future. */
  cancel(): boolean;
  /** Stops the work, waiting or running; the source settles the future at once, even if the work takes time to end. */
  abort(reason: unknown): void;
  /** Whether the work is being done at this moment. */
  readonly running: boolean;
}

const PENDING = 0, FULFILLED = 1, REJECTED = 2, CANCELLED = 3;

/** What a future holds of its callbacks: without the type of its value, so that a Future<number> is a Future<unknown>. */
type Callback = (future: never) => unknown;

/** Settles a future with a value; a settled one stays as it is. */
export let fulfil: <T>(future: Future<T>, value: T) => void;
/** Settles a future with an error. Returns false if nobody has looked at the future yet. */
export let reject: (future: Future<unknown>, error: unknown) => boolean;
/** Settles a future as cancelled. */
export let markCancelled: (future: Future<unknown>) => void;
/** Passes progress on to those who listen. */
export let reportProgress: (future: Future<unknown>, value: unknown) => void;
/** Calls back when somebody looks at a future for the first time after this call. */
export let whenObserved: (future: Future<unknown>, fn: () => void) => void;
/** As `addDoneCallback`, in whatever context it ends, and without looking at the future: its failure still counts as unseen. */
export let whenDone: <F extends Future<unknown>>(future: F, fn: (future: F) => void) => void;
/** Looks at a future on behalf of whoever has been given its outcome. */
export let observe: (future: Future<unknown>) => void;
/** What a future has ended with, without looking at it; undefined if it was cancelled, or has not ended. */
export let outcomeOf: (future: Future<unknown>) => Outcome | undefined;
/** Who does the work behind a future that has not ended. */
export let sourceOf: (future: Future<unknown>) => FutureSource | undefined;
/** Whether somebody was thrown the error of a future, and not merely told that it has ended. */
export let wasThrown: (future: Future<unknown>) => boolean;
/** How many callbacks wait for a future. */
export let callbacksOf: (future: Future<unknown>) => number;
/** Removes a callback that `whenDone` has added. */
export let removeDoneCallback: <F extends Future<unknown>>(future: F, fn: (future: F) => void) => void;

/**
 * The result of a task: pending, then fulfilled, rejected or cancelled, once and for good.
 *
 * A future can be awaited like a promise. The promise is made when first asked for, so a failed future that is never
 * observed is no unhandled rejection, and does not crash the program. It is announced by its executor as an `unobserved`
 * event one turn after the failure. Without a listener it is printed when the future is collected, one turn after its
 * executor was shut down, or when the program ends, whichever is first. A future is observed by `await` and `then`, by
 * `result`, `exception` and their `...Now` forms, by a done callback, and by what consumes it: `wait`, `asCompleted`, a
 * joined `TaskGroup`, a link or a step behind it that is observed. `console.log(future)` shows its state and its value or
 * error, and does not count.
 *
 * **Order.** Callbacks run in the order they were added. **Cancellation.** `cancel` drops what has not started, `abort`
 * stops what has. **Cost.** One small object; a promise only for those who await it.
 *
 * @typeParam T what the task returns.
 *
 * @example Look at a future in every way
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

  /** Executors make futures; `source` does the work. */
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

  /** Whether it is settled: fulfilled, rejected or cancelled. */
  get done(): boolean {
    return this.#state !== PENDING;
  }

  /** Whether the task is being run. Stale when read: it may have ended in the meantime. */
  get running(): boolean {
    return this.#state === PENDING && this.#source?.running === true;
  }

  /** Whether it was cancelled before it started. */
  get cancelled(): boolean {
    return this.#state === CANCELLED;
  }

  /**
   * Drops the task if it has not started. A running task is left alone; `abort` stops it.
   *
   * @returns whether the future is cancelled now.
   */
  cancel(): boolean {
    if (this.#state !== PENDING) return this.#state === CANCELLED;
    return this.#source?.cancel() ?? false;
  }

  /**
   * Stops the task and rejects this future at once. A task that waits is dropped. A task that runs sees its signal; it keeps
   * its place until it ends, and its worker is replaced if it has not ended within its `grace`. What it returns or throws
   * after the abort is dropped.
   *
   * @param reason what the future is rejected with; an `AbortError` if left out.
   */
  abort(reason: unknown = new DOMException("This operation was aborted", "AbortError")): void {
    if (this.#state === PENDING) this.#source?.abort(reason);
  }

  /**
   * Waits for the value.
   *
   * **Cancellation.** A wait that ends early leaves nothing behind, and the task goes on.
   *
   * @throws {TimeoutError} if it is not there in time; `timeout: 0` means now or never.
   * @throws {CancelledError} if the future is cancelled.
   * @throws the signal's reason if it is aborted, or what the task threw.
   */
  result(options?: WaitOptions): Promise<T> {
    if (options === undefined) return this.#asPromise();
    this.#look();
    return within(this, options).then(() => this.resultNow());
  }

  /**
   * Waits for the error the task ends with.
   *
   * @returns the error, or undefined if the task succeeds.
   * @throws {TimeoutError} if it has not ended in time.
   * @throws {CancelledError} if the future is cancelled.
   */
  exception(options: WaitOptions = {}): Promise<unknown> {
    this.#look();
    return within(this, options).then(() => this.exceptionNow());
  }

  /**
   * Returns the value of a future that is done.
   *
   * @throws {InvalidStateError} if it is not.
   * @throws {CancelledError} if it was cancelled.
   * @throws what the task threw.
   */
  resultNow(): T {
    this.#look();
    if (this.#state === FULFILLED) return this.#value as T;
    this.#thrown = this.#state === REJECTED;
    throw this.#state === REJECTED ? this.#value : this.#whyNot();
  }

  /**
   * Returns the error of a future that is done, or undefined if it succeeded.
   *
   * @throws {InvalidStateError} if it is not done.
   * @throws {CancelledError} if it was cancelled.
   */
  exceptionNow(): unknown {
    this.#look();
    if (this.#state === REJECTED) return this.#value;
    if (this.#state === FULFILLED) return undefined;
    throw this.#whyNot();
  }

  /**
   * Calls a function with this future when it is done, at once if it is. Functions are called in the order they were
   * added, each in the async context in which it was added; one that throws is reported on the console and harms no
   * other.
   */
  addDoneCallback(fn: (future: Future<T>) => void): void {
    checkFunction("Cannot add a callback as 'fn'", fn);
    this.#look();
    if (this.#state !== PENDING) return this.#call(fn, this);
    const enter = runtime.captureContext();
    (this.#callbacks ??= []).push((future: this) => enter(() => fn(future)));
  }

  /**
   * Calls a function with everything the task passes to `current().progress()` from now on, in the async context of this
   * call.
   */
  onProgress(fn: (value: unknown) => void): void {
    checkFunction("Cannot listen to progress as 'fn'", fn);
    const enter = runtime.captureContext();
    (this.#listeners ??= []).push((value) => enter(() => fn(value)));
  }

  /**
   * Submits a task with the value of this one as its first argument, once it is there: a link of a chain that may lead from
   * one executor to another. If this future fails or is cancelled, so is the new one, and the task never runs. A link that
   * exists when the shutdown of its executor begins is work in flight: the shutdown waits for it.
   *
   * **Cancellation.** `cancel` and `abort` of the new future reach what runs: the task of this link if it was submitted;
   * before that the new future ends at once, and what it waits for is stopped too unless another link needs it.
   * **Cost.** A few objects per link; however many links fail together, the stack stays flat.
   *
   * @typeParam B the further arguments of the task.
   * @typeParam R what the task returns.
   * @param executor where the task runs.
   * @param rest the arguments behind the first one.
   * @returns the future of the task.
   *
   * @example Go from one executor to another
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

  /** As of a promise. */
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#asPromise().then(onFulfilled, onRejected);
  }

  /** As of a promise. */
  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#asPromise().catch(onRejected);
  }

  /** As of a promise. */
  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#asPromise().finally(onFinally);
  }

  /** How a future is called where objects are printed. */
  get [Symbol.toStringTag](): string {
    return "Future";
  }

  /** What is printed. To print a future is not to look at it: a failure that only was in a log is still reported. */
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

  /** A task that waits here lends its place to others; it is refused if it would wait for itself. */
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
    // What is done needs neither its worker nor those who wait for it.
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
