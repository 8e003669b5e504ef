/**
 * Streams: the values that a task yields, one after another.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import { Future, observe, outcomeOf } from "./future.ts";
import type { FutureSource } from "./source.ts";
import { startWait } from "./nested.ts";
import { StreamBuffer } from "./stream_buffer.ts";
import { whenFinished } from "./unfinished.ts";
import { rejectAlone } from "./unobserved.ts";

/**
 * The result of a task that can be streamed: a generator, an async generator, or another iterator or async iterable.
 *
 * @typeParam T the type of the values.
 */
export type Source<T> = AsyncIterable<T> | IterableIterator<T>;

/**
 * The values that a task yields, in order. The task starts when the stream is created. A stream has one consumer, and
 * the worker is at most `bufferSize` values ahead of the consumer.
 *
 * **Order.** The order of the generator; an error arrives after all values that were yielded before it.
 * **Cancellation.** `break`, `return()`, `abort()`, the signal of `with` and `await using` run the generator's
 * `finally` in the worker and end the task. `return()` and the end of `await using` wait for the `finally`, and reject
 * if it throws. **Cost.** One promise per value; small values share a message.
 *
 * @typeParam T the type of the values that the task yields.
 *
 * @example Take a few values and stop
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inline, InlineExecutor } from "@heddle/heddle";
 *
 * const count = inline(function* (from: number): Generator<number> {
 *   for (let n = from; ; n++) yield n;
 * });
 * const taken: number[] = [];
 * for await (const n of new InlineExecutor().stream(count, 7)) {
 *   if (taken.push(n) === 3) break;
 * }
 * assertEquals(taken, [7, 8, 9]);
 * ```
 */
export interface Stream<T> extends AsyncIterableIterator<T>, AsyncDisposable {
  /** Waits for the next value. */
  next(): Promise<IteratorResult<T, undefined>>;
  /** Ends the task; resolves when its generator has ended. */
  return(): Promise<IteratorResult<T, undefined>>;
  /**
   * Ends the task and rejects pending calls of `next` at once. Values that have arrived are discarded.
   *
   * @param reason the error of pending and later calls of `next`; an `AbortError` by default.
   */
  abort(reason?: unknown): void;
  /** The stream itself. */
  [Symbol.asyncIterator](): Stream<T>;
  /** Ends the task; resolves when its generator has ended. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The task of a stream. */
export interface StreamOrigin extends FutureSource {
  /** Settles when the task has ended. */
  readonly future: Future<unknown>;
  /** The values that have arrived. */
  readonly buffer: StreamBuffer;
  /** Ends the task, because the consumer has left. */
  leave(): void;
}

/** Ends the task of a stream that is collected. */
const collected = new FinalizationRegistry<StreamOrigin>((origin) => origin.leave());

/** Returns a stream that failed before it started. */
export function failedStream<T>(error: unknown): Stream<T> {
  const buffer = new StreamBuffer(1, { credit: () => {}, stalled: () => {} });
  const future = new Future<unknown>();
  buffer.end({ error });
  buffer.whenConsumed(() => observe(future));
  rejectAlone(future, error);
  return new TaskStream<T>({ running: false, future, buffer, cancel: () => false, abort: () => {}, leave: () => {} });
}

/** A stream of a task that an executor of this program runs. */
export class TaskStream<T> implements Stream<T> {
  readonly #origin: StreamOrigin;

  static {
    printsAs(this, "Stream", (stream) => ({ done: stream.#origin.future.done }));
  }

  /** Creates a stream; only executors do. */
  constructor(origin: StreamOrigin) {
    this.#origin = origin;
    collected.register(this, origin, this);
  }

  /** Waits for the next value. */
  next(): Promise<IteratorResult<T, undefined>> {
    const { buffer } = this.#origin;
    const ready = buffer.take();
    if (ready !== undefined) return ready as Promise<IteratorResult<T, undefined>>;
    let stop: (() => void) | undefined;
    try {
      stop = startWait(this.#origin);
    } catch (error) {
      return Promise.reject(error);
    }
    const value = buffer.wait() as Promise<IteratorResult<T, undefined>>;
    return stop === undefined ? value : value.finally(stop);
  }

  /** Ends the task; resolves when its generator has ended. */
  async return(): Promise<IteratorResult<T, undefined>> {
    await this.#leave();
    return { done: true, value: undefined };
  }

  /** Ends the task and rejects pending calls of `next` at once. */
  abort(reason: unknown = new DOMException("This operation was aborted", "AbortError")): void {
    const { future } = this.#origin;
    if (future.done) this.#origin.buffer.drop(reason);
    else this.#origin.abort(reason);
  }

  /** The stream itself. */
  [Symbol.asyncIterator](): this {
    this.#origin.buffer.consume();
    return this;
  }

  /** Ends the task; resolves when its generator has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leave();
  }

  /**
   * Waits for the end of the generator. An error that its `finally` throws after the consumer has left is thrown here.
   */
  async #leave(): Promise<void> {
    const { future, buffer } = this.#origin;
    collected.unregister(this);
    const first = !future.done;
    const left = buffer.leave();
    if (first) observe(future);
    if (first && left) this.#origin.leave();
    await new Promise<void>((resolve) => buffer.whenEnded(() => whenFinished(future, resolve)));
    const outcome = outcomeOf(future);
    if (first && left && outcome !== undefined && "error" in outcome && !buffer.stopped) throw outcome.error;
  }
}
