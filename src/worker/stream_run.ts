/**
 * Runs a task and sends its values as it yields them.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import { contexts } from "../task/current.ts";
import { now } from "../time/system_clock.ts";
import type { Call } from "./call.ts";
import { TURN } from "./chunk.ts";
import { isThenable } from "./contexts.ts";

/**
 * The maximum time in milliseconds for which values are collected. Values of a generator that takes longer for each are
 * sent at once.
 */
const COLLECT = 0.1;
/** The maximum number of values in a message. */
const LARGEST_LIST = 1024;
/** The number of characters of strings after which a message is sent. */
const MOST_TEXT = 32 * 1024;

/** The destination of a task's values. */
export interface ValueSink {
  /** Writes immutable values. */
  list(values: unknown[]): void;
  /** Writes one value. Throws if the value cannot be sent. */
  one(value: unknown): void;
  /** Sends the written values. */
  flush(): void;
}

/** A synchronous or asynchronous iterator. */
interface AnyIterator {
  next(): unknown;
  return?(): unknown;
}

/**
 * Runs a generator while it has credits for values. A value is encoded when it is yielded, as the generator may change
 * it afterwards; only immutable values are collected first.
 */
export class StreamRun {
  readonly #call: Call;
  readonly #sink: ValueSink;
  #credits: number;
  #closed = false;
  #abandoned = false;
  #iterator: AnyIterator | undefined;
  /** Whether a call of the generator's `next` is pending. */
  #asked = false;
  /** The result of the generator's `return`. */
  #returned: Promise<unknown> | undefined;
  #resume: (() => void) | undefined;
  #list: unknown[] = [];
  #text = 0;
  #written = 0;
  #since = 0;
  /** The number of values in the next message: doubled after each message while the generator is fast. */
  #most = 1;
  #deferred = false;

  constructor(call: Call, sink: ValueSink) {
    this.#call = call;
    this.#credits = call.window;
    this.#sink = sink;
  }

  /**
   * Sends the values of a task's result; resolves when the generator has ended.
   *
   * @throws {TypeError} if the result is neither an iterator nor an async iterable.
   */
  async run(result: unknown): Promise<void> {
    const source = isThenable(result) ? await result : result;
    const iterator = this.#iterator = iteratorOf(source);
    const { enter = (body) => contexts.run(this.#call, () => this.#call.invoke(body, [])) } = this.#call;
    try {
      await enter(() => this.#drive(iterator));
    } finally {
      this.#closed = true;
      this.#flush();
    }
  }

  /** Adds credits for more values. */
  grant(credits: number): void {
    this.#credits += credits;
    this.#wake();
  }

  /** Ends the generator, because the consumer has left: it returns after a pending `next`. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#asked) this.#returned = this.#return();
    this.#wake();
  }

  /** Ends the generator without sending anything more, because the task has ended otherwise. */
  abandon(): void {
    this.#list = [];
    this.#written = 0;
    this.#abandoned = true;
    this.close();
  }

  async #drive(iterator: AnyIterator): Promise<void> {
    let turnEnds = 0;
    for (;;) {
      if (this.#closed) return void await (this.#returned ?? this.#return());
      if (this.#credits === 0) {
        this.#flush();
        await new Promise<void>((resolve) => this.#resume = resolve);
        this.#since = now();
        turnEnds = 0;
        continue;
      }
      let step = iterator.next();
      if (isThenable(step)) {
        step = await this.#answer(step);
        // The value was requested before the close and is discarded.
        if (this.#closed) continue;
      }
      const { done, value } = step as IteratorResult<unknown>;
      if (done === true) return;
      this.#credits--;
      const time = now();
      const refused = this.#put(value, time);
      if (refused !== undefined) await refused;
      if (turnEnds === 0) turnEnds = time + TURN;
      else if (time > turnEnds) {
        this.#flush();
        await new Promise<void>((resolve) => runtime.defer(resolve));
        this.#since = now();
        turnEnds = 0;
      }
    }
  }

  /** Waits for the next value of an async generator, and sends the collected values during the wait. */
  async #answer(step: PromiseLike<unknown>): Promise<unknown> {
    this.#asked = true;
    if (!this.#deferred && this.#written + this.#list.length > 0) {
      this.#deferred = true;
      runtime.defer(() => {
        this.#deferred = false;
        this.#flush();
      });
    }
    try {
      return await step;
    } catch (error) {
      if (!this.#closed) throw error;
      return undefined;
    } finally {
      this.#asked = false;
    }
  }

  /**
   * Adds a value to the next message; returns a promise only if the value cannot be sent and the generator must be
   * ended.
   */
  #put(value: unknown, time: number): Promise<void> | undefined {
    if (this.#abandoned) return undefined;
    const type = typeof value;
    if (type === "symbol" || type === "function" || (type === "object" && value !== null)) {
      this.#writeList();
      try {
        this.#sink.one(value);
      } catch (error) {
        return this.#refused(error);
      }
      this.#written++;
    } else {
      if (type === "string") this.#text += (value as string).length;
      this.#list.push(value);
    }
    const slow = time - this.#since > COLLECT;
    if (!slow && this.#list.length + this.#written < this.#most && this.#text < MOST_TEXT) return undefined;
    this.#most = slow ? 1 : Math.min(2 * this.#most, LARGEST_LIST);
    this.#flush();
    this.#since = time;
    return undefined;
  }

  /** Ends the generator, then throws the error of a value that cannot be sent. */
  async #refused(error: unknown): Promise<never> {
    try {
      await this.#return();
    } catch {
      // The first error takes precedence.
    }
    throw error;
  }

  async #return(): Promise<void> {
    await this.#iterator!.return?.();
  }

  #wake(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  #writeList(): void {
    const list = this.#list;
    if (list.length === 0) return;
    this.#list = [];
    this.#text = 0;
    this.#written += list.length;
    this.#sink.list(list);
  }

  #flush(): void {
    this.#writeList();
    if (this.#written === 0) return;
    this.#written = 0;
    this.#sink.flush();
  }
}

/**
 * Whether a value can be streamed: a generator, an async generator, another iterable iterator, or an async iterable.
 */
export function isSource(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (typeof (value as { [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator] === "function") return true;
  const { next } = value as { next?: unknown };
  return typeof next === "function" &&
    typeof (value as { [Symbol.iterator]?: unknown })[Symbol.iterator] === "function";
}

function iteratorOf(source: unknown): AnyIterator {
  if (!isSource(source)) {
    throw new TypeError("Cannot stream a task that returns neither a generator nor another AsyncIterable: submit it");
  }
  const { [Symbol.asyncIterator]: iterate } = source as Partial<AsyncIterable<unknown>>;
  return iterate === undefined ? source as AnyIterator : iterate.call(source) as AnyIterator;
}
