/**
 * A task whose values are sent as it yields them.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import { contexts } from "../task/current.ts";
import { now } from "../time/system_clock.ts";
import type { Call } from "./call.ts";
import { TURN } from "./chunk.ts";
import { isThenable } from "./contexts.ts";

/** Values are collected for this long, in milliseconds. A generator that takes longer for one has each of them sent at once. */
const COLLECT = 0.1;
/** The maximum number of values in a message. */
const LARGEST_LIST = 1024;
/** The number of characters of strings after which a message is sent. */
const MOST_TEXT = 32 * 1024;

/** Where the values of a task go. */
export interface ValueSink {
  /** Writes values that nothing can change any more. */
  list(values: unknown[]): void;
  /** Writes one value. Throws if it cannot travel. */
  one(value: unknown): void;
  /** Sends what was written. */
  flush(): void;
}

/** Any iterator. */
interface AnyIterator {
  next(): unknown;
  return?(): unknown;
}

/**
 * Asks a generator for values as long as there are credits for them. A value is encoded when it is yielded, as the generator may
 * change it afterwards; only values that cannot change are collected first.
 */
export class StreamRun {
  readonly #call: Call;
  readonly #sink: ValueSink;
  #credits: number;
  #closed = false;
  #abandoned = false;
  #iterator: AnyIterator | undefined;
  /** Whether the generator was asked for a value and has not answered. */
  #asked = false;
  /** What the generator has answered to being closed. */
  #returned: Promise<unknown> | undefined;
  #resume: (() => void) | undefined;
  #list: unknown[] = [];
  #text = 0;
  #written = 0;
  #since = 0;
  /** The number of values in the next message: twice that of the last one while the generator is quick. */
  #most = 1;
  #deferred = false;

  constructor(call: Call, sink: ValueSink) {
    this.#call = call;
    this.#credits = call.window;
    this.#sink = sink;
  }

  /**
   * Sends the values of what the task returns; resolves when its generator has ended.
   *
   * @throws {TypeError} if the task returns nothing that yields values.
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

  /** The worker may send more values. */
  grant(credits: number): void {
    this.#credits += credits;
    this.#wake();
  }

  /** The consumer has left: the generator returns, after the values that it was asked for before. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#asked) this.#returned = this.#return();
    this.#wake();
  }

  /** The task has ended in another way: nothing is sent any more. */
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
        // What it was asked for before it was closed is not wanted any more.
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

  /** Waits for the answer of an async generator. Meanwhile what was collected goes out. */
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

  /** Takes a value; returns a promise only if the generator has to be ended because of it. */
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

  /** A value cannot travel: the error comes in its place, when the generator has ended. */
  async #refused(error: unknown): Promise<never> {
    try {
      await this.#return();
    } catch {
      // The first error is the one that counts.
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

/** Whether a value yields values: a generator of either kind, another iterator that can be iterated, an async iterable. */
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
