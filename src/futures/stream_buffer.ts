/**
 * The buffer of a stream, between the arrival of values and their consumer.
 *
 * @module
 */

import { Deque } from "../core/deque.ts";

/** A step of an iteration. */
export type Step = IteratorResult<unknown, undefined>;

/** A pending call of `next`. */
interface Waiting {
  resolve(step: Step): void;
  reject(error: unknown): void;
}

/** The end of a stream: with an error, or without. */
type End = { readonly error: unknown } | undefined;

/** Callbacks of a buffer. */
export interface BufferHooks {
  /** Reports the number of values that the consumer has taken since the last call. */
  credit(count: number): void;
  /** Reports that the buffer has become full, or is no longer full. */
  stalled(stalled: boolean): void;
}

const OVER: Step = { done: true, value: undefined };

/** The values of a stream that have arrived and were not taken yet. */
export class StreamBuffer {
  readonly #size: number;
  /** The number of values after which the worker gets new credits. */
  readonly #batch: number;
  readonly #hooks: BufferHooks;
  readonly #chunks = new Deque<unknown[]>();
  #first: unknown[] = [];
  #place = 0;
  #count = 0;
  #owed = 0;
  #stalled = false;
  readonly #waiting = new Deque<Waiting>();
  #ended = false;
  #end: End;
  #left = false;
  #whenEnded: (() => void)[] = [];
  #consumed = false;
  #whenConsumed: (() => void) | undefined;
  /** Whether the stream ended because its task was aborted. */
  stopped = false;

  /** @param size the maximum number of values in the buffer. */
  constructor(size: number, hooks: BufferHooks) {
    this.#size = size;
    this.#batch = Math.max(1, size >> 1);
    this.#hooks = hooks;
  }

  /** Whether the consumer has left. */
  get left(): boolean {
    return this.#left;
  }

  /** Whether the stream has or had a consumer. */
  get consumed(): boolean {
    return this.#consumed;
  }

  /** Marks the stream as having a consumer. */
  consume(): void {
    if (this.#consumed) return;
    this.#consumed = true;
    this.#whenConsumed?.();
  }

  /** Calls a function when the stream gets a consumer; at once if it has one. */
  whenConsumed(fn: () => void): void {
    if (this.#consumed) fn();
    else this.#whenConsumed = fn;
  }

  /** Takes the next value or the end; undefined if neither has arrived. */
  take(): Promise<Step> | undefined {
    if (!this.#consumed) this.consume();
    if (this.#count > 0) return Promise.resolve({ done: false, value: this.#shift() });
    if (this.#left) return Promise.resolve(OVER);
    if (!this.#ended) return undefined;
    const end = this.#end;
    this.#end = undefined;
    return end === undefined ? Promise.resolve(OVER) : Promise.reject(end.error);
  }

  /** Waits for the next value. Called after `take` has returned undefined. */
  wait(): Promise<Step> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Adds values that have arrived; false if the buffer would exceed its size. */
  arrive(values: unknown[]): boolean {
    if (this.#left || this.#ended) return true;
    let at = 0;
    for (; at < values.length && this.#waiting.size > 0; at++) {
      this.#took();
      this.#waiting.shift()!.resolve({ done: false, value: values[at] });
    }
    const rest = at === 0 ? values : values.slice(at);
    this.#count += rest.length;
    if (rest.length > 0) this.#chunks.push(rest);
    if (this.#count >= this.#size && !this.#stalled) this.#setStalled(true);
    return this.#count <= this.#size;
  }

  /** Ends the stream: no more values arrive. */
  end(end: End): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#end = this.#left ? undefined : end;
    this.#setStalled(false);
    for (let waiting = this.#waiting.shift(); waiting !== undefined; waiting = this.#waiting.shift()) {
      const error = this.#end;
      this.#end = undefined;
      if (error === undefined) waiting.resolve(OVER);
      else waiting.reject(error.error);
    }
    for (const fn of this.#whenEnded) fn();
    this.#whenEnded = [];
  }

  /** Discards the values that have arrived, and ends with an error instead. */
  drop(error: unknown): void {
    if (this.#left || (this.#ended && this.#count === 0)) return;
    this.#clear();
    if (this.#ended) this.#end = { error };
  }

  /** The consumer leaves; false if it had left before. */
  leave(): boolean {
    if (this.#left) return false;
    this.#left = true;
    this.consume();
    this.#end = undefined;
    this.#clear();
    for (let waiting = this.#waiting.shift(); waiting !== undefined; waiting = this.#waiting.shift()) {
      waiting.resolve(OVER);
    }
    return true;
  }

  /** Calls a function when the stream has ended; at once if it has. */
  whenEnded(fn: () => void): void {
    if (this.#ended) fn();
    else this.#whenEnded.push(fn);
  }

  #clear(): void {
    for (; this.#chunks.shift() !== undefined;);
    this.#first = [];
    this.#place = this.#count = 0;
    this.#setStalled(false);
  }

  #shift(): unknown {
    if (this.#place === this.#first.length) {
      this.#first = this.#chunks.shift()!;
      this.#place = 0;
    }
    const value = this.#first[this.#place];
    this.#first[this.#place++] = undefined;
    this.#count--;
    this.#took();
    return value;
  }

  #took(): void {
    if (this.#stalled) this.#setStalled(false);
    if (++this.#owed < this.#batch) return;
    const count = this.#owed;
    this.#owed = 0;
    if (!this.#ended) this.#hooks.credit(count);
  }

  #setStalled(stalled: boolean): void {
    if (this.#stalled === stalled) return;
    this.#stalled = stalled;
    this.#hooks.stalled(stalled);
  }
}
