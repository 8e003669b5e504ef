/**
 * Async iterables as arguments: the iterable stays with the caller, and the task pulls its values.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import { registerKind } from "./handles.ts";
import { copyValue } from "./one_loop.ts";

/** The default number of values in transit between a task and its caller. */
export const DEFAULT_BUFFER = 16;

/** Replaces the async iterables among arguments by sources. */
export class IterableLender {
  /** The sources that were lent since the last `take`. */
  lent: ArgumentSource[] | undefined;

  /** Returns the source that replaces an iterable. */
  lend(iterable: AsyncIterable<unknown>): ArgumentSource {
    const source = new ArgumentSource(iterable);
    (this.lent ??= []).push(source);
    return source;
  }

  /** Returns the sources that were lent since the last call. */
  take(): readonly ArgumentSource[] {
    const lent = this.lent ?? [];
    this.lent = undefined;
    return lent;
  }
}

/**
 * Requests values: at least one, or none at the end. `used` is the number of values that were consumed since the last
 * call.
 */
type Pull = (used: number) => Promise<unknown[]>;

/** Sets the number of values of a source that may be in transit. */
export let setBuffer: (source: ArgumentSource, size: number | undefined) => void;
/** Ends a source with its task: the iterable returns, and pending and later pulls reject with the error. */
export let endSource: (source: ArgumentSource, error: unknown) => void;
/** Whether a task has taken values of the source, or has closed the source. */
export let isTouched: (source: ArgumentSource) => boolean;

/** An async iterable of the caller, read once. A task in the same loop reads the iterable through this object. */
export class ArgumentSource implements AsyncIterableIterator<unknown> {
  readonly #iterable: AsyncIterable<unknown>;
  #iterator: AsyncIterator<unknown> | undefined;
  #size = DEFAULT_BUFFER;
  /** The number of further values that may be taken from the iterable. */
  #credits = DEFAULT_BUFFER;
  #values: unknown[] = [];
  #filling = false;
  #touched = false;
  #end: { readonly error?: unknown } | undefined;
  #closed = false;
  #wake: (() => void)[] = [];
  #reader: IterableReader | undefined;

  static {
    setBuffer = (source, size = DEFAULT_BUFFER) => source.#size = source.#credits = size;
    endSource = (source, error) => source.#close({ error });
    isTouched = (source) => source.#touched;
    registerKind(this.prototype, {
      name: "AsyncIterable",
      module: import.meta.url,
      describe: (source) => source.#size,
      remote: (link, size: never) => {
        const pull = (used: number) => link.call("pull", [used], { scope: 0 }) as Promise<unknown[]>;
        return new IterableReader(pull, () => link.post("close", [], 0), size) as object as ArgumentSource;
      },
      call: (source, _scope, method, [used], signal) => {
        return method === "close" ? source.#close({}) : source.#pull(used as number, signal);
      },
    });
  }

  constructor(iterable: AsyncIterable<unknown>) {
    this.#iterable = iterable;
  }

  next(): Promise<IteratorResult<unknown>> {
    return this.#read().next();
  }

  return(): Promise<IteratorResult<unknown>> {
    return this.#read().return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #read(): IterableReader {
    return this.#reader ??= new IterableReader((used) => this.#pull(used), () => this.#close({}), this.#size);
  }

  async #pull(used: number, signal?: AbortSignal): Promise<unknown[]> {
    this.#credits += used;
    void this.#fill();
    if (this.#values.length === 0 && this.#end === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
        signal?.addEventListener("abort", () => resolve(), { once: true });
      });
      // Values that arrive within one turn of the event loop share a message.
      if (this.#end === undefined) await new Promise<void>((resolve) => runtime.defer(resolve));
    }
    // The consumer that pulled has left: the values are for its successor.
    if (signal?.aborted) return [];
    if (this.#closed && this.#end !== undefined && "error" in this.#end) throw this.#end.error;
    if (this.#values.length > 0) {
      this.#touched = true;
      const values = this.#values;
      this.#values = [];
      return values;
    }
    const end = this.#end ?? {};
    if ("error" in end) throw end.error;
    return [];
  }

  /** Takes values ahead of the task. Each value is copied at once, as the iterable may change it afterwards. */
  async #fill(): Promise<void> {
    if (this.#filling) return;
    this.#filling = true;
    try {
      const iterator = this.#open();
      while (this.#credits > 0 && this.#end === undefined) {
        this.#credits--;
        const { done, value } = await iterator.next();
        if (this.#closed) return;
        if (done) this.#end ??= {};
        else this.#values.push(Object(value) === value || typeof value === "symbol" ? this.#copy(value) : value);
        this.#wakeAll();
      }
    } catch (error) {
      this.#end ??= { error };
    } finally {
      this.#filling = false;
      if (this.#end !== undefined) this.#wakeAll();
    }
  }

  /** Copies a value. A value that cannot be sent ends the iteration with an error. */
  #copy(value: unknown): unknown {
    try {
      return copyValue(value, "value");
    } catch (error) {
      void this.#return();
      throw error;
    }
  }

  #close(end: { readonly error?: unknown }): void {
    if (this.#closed) return;
    this.#closed = this.#touched = true;
    const over = this.#end !== undefined;
    this.#end ??= end;
    this.#values = [];
    this.#wakeAll();
    if (!over) void this.#return();
  }

  /** Closes the iterable. Errors are dropped, as there is no consumer to receive them. */
  async #return(): Promise<void> {
    try {
      await this.#open().return?.();
    } catch {
      // An iterable that cannot be opened has nothing to close.
    }
  }

  #open(): AsyncIterator<unknown> {
    return this.#iterator ??= this.#iterable[Symbol.asyncIterator]();
  }

  #wakeAll(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const fn of wake) fn();
  }
}

/** Reads an iterable of the caller once, and requests more values before all received ones are consumed. */
export class IterableReader implements AsyncIterableIterator<unknown> {
  readonly #pull: Pull;
  readonly #close: () => void;
  readonly #low: number;
  #values: unknown[] = [];
  #place = 0;
  #used = 0;
  #pulling: Promise<void> | undefined;
  #over = false;
  #failure: { readonly error: unknown } | undefined;
  /** The last pending `next`: concurrent calls are served in order. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(pull: Pull, close: () => void, size: number) {
    this.#pull = pull;
    this.#close = close;
    this.#low = size >> 1;
  }

  next(): Promise<IteratorResult<unknown>> {
    const step = this.#turn.then(() => this.#next());
    this.#turn = step.catch(() => {});
    return step;
  }

  return(): Promise<IteratorResult<unknown>> {
    if (!this.#over) {
      this.#over = true;
      this.#values = [];
      this.#place = 0;
      this.#close();
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #next(): Promise<IteratorResult<unknown>> {
    while (this.#place === this.#values.length) {
      const failure = this.#failure;
      this.#failure = undefined;
      if (failure !== undefined) throw failure.error;
      if (this.#over) return { done: true, value: undefined };
      await (this.#pulling ?? this.#fetch());
    }
    const value = this.#values[this.#place];
    this.#values[this.#place++] = undefined;
    this.#used++;
    if (this.#left <= this.#low && !this.#over && this.#pulling === undefined) void this.#fetch();
    return { done: false, value };
  }

  get #left(): number {
    return this.#values.length - this.#place;
  }

  /** Requests more values. An error is thrown only after all values before it were taken. */
  #fetch(): Promise<void> {
    const used = this.#used;
    this.#used = 0;
    return this.#pulling = this.#pull(used).then((values) => {
      if (values.length === 0) this.#over = true;
      else if (!this.#over) {
        this.#values = this.#left === 0 ? values : [...this.#values.slice(this.#place), ...values];
        this.#place = 0;
      }
    }, (error) => {
      if (!this.#over) this.#failure = { error };
      this.#over = true;
    }).finally(() => this.#pulling = undefined);
  }
}
