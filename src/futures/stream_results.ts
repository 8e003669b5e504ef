/**
 * The results of a `map` over a pipeline with generator steps.
 *
 * @module
 */

import { TimeoutError } from "../core/errors.ts";
import { printsAs } from "../core/inspect.ts";
import { startTimer } from "../time/system_clock.ts";
import type { MapOptions } from "./executor.ts";
import type { Results } from "./results.ts";
import type { Outcome } from "./source.ts";
import type { Stream } from "./stream.ts";

/** The limits of a `map`. */
type MapLimits = Pick<MapOptions, "signal" | "onProgress"> & { readonly timeout: number };

/** Whether a function is a generator or an async generator. */
export function isGenerator(fn: unknown): boolean {
  return /^\[object (?:Async)?GeneratorFunction\]$/.test(Object.prototype.toString.call(fn));
}

/** Turns values into outcomes, the inputs of a pipeline. */
export async function* outcomesOf(inputs: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<Outcome> {
  for await (const value of inputs) yield { value };
}

/** Results whose number is not known in advance. */
export class StreamResults<T> implements Results<T>, AsyncIterableIterator<T> {
  readonly #stream: Stream<T>;
  readonly #onProgress: MapOptions["onProgress"];
  readonly #stopLimits: () => void;
  #completed = 0;
  #all: Promise<T[]> | undefined;

  static {
    printsAs(this, "Results", []);
  }

  constructor(stream: Stream<T>, { timeout, signal, onProgress }: MapLimits) {
    this.#stream = stream;
    this.#onProgress = onProgress;
    const abort = () => stream.abort(signal!.reason);
    const stopTimer = startTimer(timeout, () => {
      stream.abort(new TimeoutError(`Cannot go on with the map: its time limit is ${timeout} ms`));
    });
    this.#stopLimits = () => {
      stopTimer();
      signal?.removeEventListener("abort", abort);
    };
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted === true) abort();
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    try {
      const step = await this.#stream.next();
      if (step.done === true) this.#stopLimits();
      else this.#onProgress?.({ completed: ++this.#completed, total: undefined });
      return step;
    } catch (error) {
      this.#stopLimits();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#stopLimits();
    return await this.#stream.return!();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  then<A = T[], B = never>(
    onFulfilled?: ((values: T[]) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return (this.#all ??= this.#collect()).then(onFulfilled, onRejected);
  }

  async #collect(): Promise<T[]> {
    const values: T[] = [];
    for await (const value of this) values.push(value);
    return values;
  }
}
