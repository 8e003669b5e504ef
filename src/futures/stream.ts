/**
 * The values of a task that yields them, one after another.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import { type Future, observe, outcomeOf } from "./future.ts";
import type { FutureSource } from "./source.ts";
import { startWait } from "./nested.ts";
import type { StreamBuffer } from "./stream_buffer.ts";
import { whenFinished } from "./unfinished.ts";

/**
 * What a task returns that can be streamed: a generator or an async generator, or another iterator or async iterable.
 *
 * @typeParam T what it yields.
 */
export type Source<T> = AsyncIterable<T> | IterableIterator<T>;

/**
 * The values that a task yields, in order. It starts at the call and has one consumer; the worker is at most `bufferSize` values
 * ahead of it.
 *
 * **Order.** That of the generator; an error arrives in the place of the value that it replaced. **Cancellation.** `break`,
 * `return()`, `abort()`, the signal of `with` and `await using` run the `finally` of the generator in the worker, and end the task.
 * `return()` and the end of `await using` wait for that, and reject with what the `finally` throws.
 * **Cost.** One promise per value; small values share a message.
 *
 * @typeParam T what the task yields.
 *
 * @example Take what is needed, and leave
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
   * Ends the task and rejects what waits at once. Values that have arrived are not handed out.
   *
   * @param reason what waits is rejected with; an `AbortError` if left out.
   */
  abort(reason?: unknown): void;
  /** The stream itself. */
  [Symbol.asyncIterator](): Stream<T>;
  /** Ends the task; resolves when its generator has ended. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The task behind a stream. */
export interface StreamOrigin extends FutureSource {
  /** Settles when no more values come. */
  readonly future: Future<unknown>;
  /** What has arrived. */
  readonly buffer: StreamBuffer;
  /** The consumer has left: ends the task. */
  leave(): void;
}

/** A stream that is no longer used has no consumer. */
const collected = new FinalizationRegistry<StreamOrigin>((origin) => origin.leave());

/** The values of a task of this program. */
export class TaskStream<T> implements Stream<T> {
  readonly #origin: StreamOrigin;

  static {
    printsAs(this, "Stream", (stream) => ({ done: stream.#origin.future.done }));
  }

  /** Executors make streams. */
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

  /** Ends the task and rejects what waits at once. */
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

  /** Waits for the end of the generator; what its `finally` throws after the consumer has left is for the consumer. */
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
