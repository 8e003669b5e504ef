/**
 * The results of a `map`: an array to await, or a stream to iterate.
 *
 * @module
 */

import { Deque } from "../core/deque.ts";
import { InvalidStateError, TimeoutError } from "../core/errors.ts";
import { printsAs } from "../core/inspect.ts";
import { runtime } from "../runtime/mod.ts";
import { startTimer } from "../time/system_clock.ts";
import { type Future, observe, sourceOf, whenDone } from "./future.ts";
import type { FutureSource, Outcome } from "./source.ts";
import { checkStep, isPromise, iteratorOf, sizeOf } from "./map_source.ts";
import { type Chunk, type MapPlan, outcomesOf } from "./map_plan.ts";
import { startWait } from "./nested.ts";
import { UnseenFailure } from "./unseen_failure.ts";

/**
 * The results of a `map`. Either await it for an array, or iterate it once.
 *
 * If a `map` fails and its results are neither awaited nor iterated, its failure is reported once, like that of an
 * unobserved future.
 *
 * @typeParam T the type of a result.
 */
export interface Results<T> extends AsyncIterable<T>, PromiseLike<T[]> {}

/** Takes items from a source, keeps a bounded number of them in work, and yields the results. */
export class MapResults<T> implements Results<T>, AsyncIterableIterator<T> {
  readonly #plan: MapPlan;
  readonly #source: Iterator<unknown> | AsyncIterator<unknown>;
  readonly #total: number | undefined;
  /** In order of submission. If results are ordered, chunks that are done leave from the front. */
  readonly #chunks = new Deque<Chunk>();
  readonly #ready = new Deque<Outcome>();
  readonly #inWork = new Set<Future<Outcome[]>>();
  readonly #stopLimits: () => void;
  readonly #unseen: UnseenFailure;
  #taken = 0;
  #delivered = 0;
  #completed = 0;
  #pulling = false;
  #exhausted = false;
  #failure: { readonly error: unknown } | undefined;
  #ended = false;
  #started = false;
  #wake: (() => void) | undefined;
  /** Whether a call of `next` is in progress, and the calls that wait for it. */
  #asked = false;
  readonly #asking = new Deque<() => void>();
  #all: Promise<T[]> | undefined;

  static {
    printsAs(this, "Results", []);
  }

  constructor(plan: MapPlan) {
    this.#plan = plan;
    this.#unseen = new UnseenFailure(plan.unseen);
    this.#total = sizeOf(plan.items);
    this.#source = iteratorOf(plan.items);
    this.#stopLimits = this.#watchLimits();
    if (this.#failure === undefined) this.#pull();
    else this.#stopLimits();
  }

  then<A = T[], B = never>(
    onFulfilled?: ((value: T[]) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#all ??= this.#collect();
    return this.#all.then(onFulfilled, onRejected);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    this.#unseen.look();
    if (this.#started) {
      throw new InvalidStateError("Cannot go through the results of a map twice: await it for an array");
    }
    this.#started = true;
    return this;
  }

  /** Returns the next result. Concurrent calls get successive results. */
  async next(): Promise<IteratorResult<T>> {
    this.#unseen.look();
    if (this.#asked) await new Promise<void>((resolve) => this.#asking.push(resolve));
    this.#asked = true;
    try {
      return await this.#take();
    } finally {
      // The next call resumes in a later turn, and no new call may overtake it.
      const go = this.#asking.shift();
      if (go === undefined) this.#asked = false;
      else go();
    }
  }

  async #take(): Promise<IteratorResult<T>> {
    for (;;) {
      // After an error or an early `return`, results that have arrived are dropped.
      const outcome = this.#ended ? undefined : this.#ready.shift();
      if (outcome !== undefined) return this.#deliver(outcome);
      if (this.#ended || this.#failure !== undefined || (this.#exhausted && this.#inWork.size === 0)) {
        return this.#finish();
      }
      const stopWait = startWait(this.#awaited());
      await new Promise<void>((resolve) => this.#wake = resolve);
      stopWait?.();
    }
  }

  /** Ends the iteration: takes no more items from the source, and cancels waiting items. */
  async return(): Promise<IteratorResult<T>> {
    this.#unseen.look();
    await this.#close();
    return { done: true, value: undefined };
  }

  /** The work whose result comes next. */
  #awaited(): FutureSource | undefined {
    const [first] = this.#inWork;
    const next = this.#chunks.peek()?.future ?? first;
    return next && sourceOf(next);
  }

  async #collect(): Promise<T[]> {
    const all: T[] = [];
    for await (const value of this) all.push(value);
    return all;
  }

  async #deliver(outcome: Outcome): Promise<IteratorResult<T>> {
    if ("error" in outcome) {
      await this.#close().catch(() => {});
      throw outcome.error;
    }
    this.#delivered++;
    this.#pull();
    return { done: false, value: outcome.value as T };
  }

  async #finish(): Promise<IteratorResult<T>> {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) {
      await this.#close().catch(() => {});
      throw failure.error;
    }
    await this.#close();
    return { done: true, value: undefined };
  }

  async #close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopLimits();
    for (const future of this.#inWork) future.cancel();
    this.#notify();
    await this.#leaveSource();
  }

  /** Closes the source. A source that is producing an item answers after that item, perhaps never. */
  async #leaveSource(): Promise<void> {
    if (this.#exhausted) return;
    this.#exhausted = true;
    const answer = this.#source.return?.();
    if (this.#pulling) Promise.resolve(answer).catch(() => {});
    else await answer;
  }

  /** Fills the buffer. Only one call runs at a time, as the source may be asynchronous. */
  #pull(): void {
    if (this.#pulling) return;
    this.#pulling = true;
    let items: unknown[] = [];
    try {
      for (let size = this.#nextSize(); size > 0; size = this.#nextSize()) {
        items = [];
        while (items.length < size) {
          const step = this.#source.next();
          if (isPromise(step)) return void this.#pullLater(step, items, size);
          const { done, value } = checkStep(step);
          if (done) {
            this.#exhausted = true;
            break;
          }
          items.push(value);
          this.#taken++;
        }
        this.#submit(items);
      }
    } catch (error) {
      this.#submit(items);
      this.#fail(error);
    }
    this.#pulling = false;
    this.#notify();
  }

  /** Like `#pull`, for an asynchronous source. */
  async #pullLater(first: PromiseLike<IteratorResult<unknown>>, items: unknown[], size: number): Promise<void> {
    let step: PromiseLike<IteratorResult<unknown>> | undefined = first;
    const unwatch = this.#plan.watch((error, stopped) => this.#drop(error, stopped));
    try {
      for (;;) {
        const { done, value } = checkStep(await (step ?? this.#source.next()));
        step = undefined;
        if (this.#exhausted || this.#ended || this.#failure !== undefined) return;
        if (done) {
          this.#exhausted = true;
          break;
        }
        items.push(value);
        this.#taken++;
        if (items.length < size) continue;
        this.#submit(items);
        items = [];
        size = this.#nextSize();
        if (size === 0) break;
      }
      this.#submit(items);
    } catch (error) {
      this.#submit(items);
      this.#fail(error);
    } finally {
      unwatch();
      this.#pulling = false;
      this.#notify();
    }
    if (this.#nextSize() > 0) this.#pull();
  }

  /**
   * The size of the next chunk; 0 until there is room for a full chunk, as chunks would otherwise shrink to one item.
   */
  #nextSize(): number {
    if (this.#exhausted || this.#ended || this.#failure !== undefined) return 0;
    const { bufferSize, chunkSize } = this.#plan;
    const size = Math.min(Math.max(1, chunkSize()), bufferSize);
    return this.#taken - this.#delivered + size <= bufferSize ? size : 0;
  }

  #submit(items: unknown[]): void {
    if (items.length === 0 || this.#ended) return;
    let future: Future<Outcome[]>;
    try {
      future = this.#plan.submit(items);
    } catch (error) {
      // The executor was shut down or broke in the meantime.
      this.#leaveSource().catch(() => {});
      return this.#fail(error);
    }
    const chunk = { future, size: items.length };
    this.#inWork.add(future);
    if (this.#plan.ordered) this.#chunks.push(chunk);
    whenDone(future, () => this.#chunkDone(chunk));
  }

  #chunkDone(chunk: Chunk): void {
    this.#inWork.delete(chunk.future);
    observe(chunk.future);
    this.#completed += chunk.size;
    if (this.#ended) return;
    if (!this.#plan.ordered) {
      this.#arrived(chunk.future);
    } else {
      for (let head = this.#chunks.peek(); head?.future.done; head = this.#chunks.peek()) {
        this.#chunks.shift();
        this.#arrived(head.future);
      }
    }
    this.#tellProgress();
    this.#notify();
  }

  /** Queues the outcomes of a chunk; only the last one may be an error. */
  #arrived(future: Future<Outcome[]>): void {
    const outcomes = outcomesOf(future);
    for (const outcome of outcomes) this.#ready.push(outcome);
    const last = outcomes.at(-1);
    if (last !== undefined && "error" in last) this.#unseen.failed(last.error, future);
  }

  #tellProgress(): void {
    try {
      this.#plan.onProgress?.({ completed: this.#completed, total: this.#total });
    } catch (error) {
      runtime.printError(error);
    }
  }

  /** Ends the source with an error. Items taken before still yield their results, then the error follows. */
  #fail(error: unknown): void {
    this.#exhausted = true;
    const end = () => {
      this.#ready.push({ error });
      this.#unseen.failed(error);
    };
    if (this.#inWork.size === 0) return end();
    // The error comes after all results: the last chunk to end adds it.
    const last = [...this.#inWork];
    let left = last.length;
    for (const future of last) {
      whenDone(future, () => {
        if (--left > 0) return;
        end();
        this.#notify();
      });
    }
  }

  /** Stops reading the source because the executor drops its waiting tasks; the source need not answer. */
  #drop(error: unknown, stopped: boolean): void {
    if (this.#exhausted || this.#ended) return;
    if (stopped) this.#unseen.stopped();
    this.#leaveSource().catch(() => {});
    this.#fail(error);
    this.#notify();
  }

  /** Ends the map at its timeout or abort: no further results are yielded. */
  #stop(error: unknown): void {
    if (this.#ended) return;
    this.#failure ??= { error };
    this.#stopLimits();
    for (const future of this.#inWork) future.abort(error);
    // The program may never ask for the results.
    if (!this.#unseen.seen) this.#leaveSource().catch(() => {});
    this.#notify();
  }

  #watchLimits(): () => void {
    const { timeout, signal } = this.#plan;
    const abort = () => {
      this.#unseen.stopped();
      this.#stop(signal!.reason);
    };
    const stopTimer = startTimer(timeout, () => {
      const error = new TimeoutError(`Cannot wait longer for the results: their time limit is ${timeout} ms`);
      if (!this.#ended) this.#unseen.failed(error);
      this.#stop(error);
    });
    if (signal?.aborted) this.#failure = { error: signal.reason };
    else signal?.addEventListener("abort", abort, { once: true });
    return () => {
      stopTimer();
      signal?.removeEventListener("abort", abort);
    };
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
    // All items are done, and the program may never ask for the end: no timer or listener may stay for it.
    if (this.#exhausted && this.#inWork.size === 0) this.#stopLimits();
  }
}
