/**
 * Streams of pipelines with generator steps.
 *
 * @module
 */

import { Deque } from "../core/deque.ts";
import { CancelledError } from "../core/errors.ts";
import { printsAs } from "../core/inspect.ts";
import type { EnterContext } from "../runtime/types.ts";
import type { Executor } from "./executor.ts";
import type { Future } from "./future.ts";
import { type Reservation, reserve, type Revoked } from "./reservation.ts";
import type { Outcome } from "./source.ts";
import { type Handler, Item, Stage } from "./stage.ts";
import type { Stream } from "./stream.ts";

/** A step that yields any number of values for each input. */
export class StreamStage {
  /** The name of the step's task. */
  readonly name: string;
  /** Starts the step for a value. */
  readonly start: (value: unknown) => Stream<unknown>;
  readonly #executor: () => Executor | undefined;

  /** @param executor returns the executor of the step, or undefined if it is not open yet. */
  constructor(name: string, start: (value: unknown) => Stream<unknown>, executor: () => Executor | undefined) {
    this.name = name;
    this.start = start;
    this.#executor = executor;
  }

  /** The executor of the step; undefined if it is not open yet. */
  get executor(): Executor | undefined {
    return this.#executor();
  }
}

/** The parts of a pipeline, which may have generator steps. */
export type FlowPart = Stage | Handler | StreamStage;

/** The outcomes of a step. */
type Flow = AsyncGenerator<Outcome, undefined>;

/** The running tasks of a pipeline's stream. */
export class PipelineFlow {
  readonly #enter: EnterContext;
  readonly #streams = new Set<Stream<unknown>>();
  readonly #futures = new Set<Future<unknown>>();
  readonly #reservations: Reservation[] = [];
  readonly #executors: Set<Executor>;
  /** The reason why no more tasks are started; undefined while the stream runs. */
  #stopped: { readonly reason: unknown } | undefined;

  constructor(parts: readonly FlowPart[], enter: EnterContext) {
    this.#enter = enter;
    this.#executors = new Set(parts.flatMap((part) => typeof part === "function" ? [] : part.executor ?? []));
  }

  /** Keeps the executors of the steps from shutting down before the stream ends. */
  begin(): void {
    for (const executor of this.#executors) {
      const reservation = reserve(executor, (how) => this.#revoked(how));
      if (reservation !== undefined) this.#reservations.push(reservation);
    }
  }

  /** Lets the executors shut down. */
  end(): void {
    for (const reservation of this.#reservations.splice(0)) reservation.release();
  }

  /** Aborts all running tasks. */
  stop(reason: unknown): void {
    this.#stopped ??= { reason };
    for (const stream of [...this.#streams]) stream.abort(reason);
    for (const future of [...this.#futures]) future.abort(reason);
  }

  /** Ends all running tasks, because the consumer has left: generators return. */
  async leave(): Promise<void> {
    this.#stopped ??= { reason: new DOMException("The consumer of the stream has left", "AbortError") };
    for (const future of [...this.#futures]) future.abort(this.#stopped.reason);
    await Promise.all([...this.#streams].map((stream) => stream.return!()));
  }

  /** Starts a generator step for a value. */
  start(stage: StreamStage, value: unknown): Stream<unknown> {
    const stream = this.#submit(() => stage.start(value));
    this.#streams.add(stream);
    return stream;
  }

  /** Passes outcomes through parts of the pipeline. */
  async *through(parts: readonly FlowPart[], inputs: AsyncIterable<Outcome>, first?: Stream<unknown>): Flow {
    const place = parts.findIndex((part) => part instanceof StreamStage);
    if (place === -1) return yield* this.#plain(parts as (Stage | Handler)[], inputs);
    const before = place === 0 ? inputs : this.#plain(parts.slice(0, place) as (Stage | Handler)[], inputs);
    yield* this.through(parts.slice(place + 1), this.#expand(parts[place] as StreamStage, before, first));
    return undefined;
  }

  /**
   * Yields all values of the first input, then those of the second, and so on. An error is passed on to the next
   * handler.
   */
  async *#expand(stage: StreamStage, inputs: AsyncIterable<Outcome>, first?: Stream<unknown>): Flow {
    for await (const input of inputs) {
      if ("error" in input) yield input;
      else yield* this.#values(stage, input.value, first);
      first = undefined;
    }
    return undefined;
  }

  async *#values(stage: StreamStage, value: unknown, first: Stream<unknown> | undefined): Flow {
    let stream: Stream<unknown> | undefined = first;
    try {
      for (;;) {
        let step: Outcome | undefined;
        try {
          stream ??= this.start(stage, value);
          const { done, value: next } = await stream.next();
          step = done === true ? undefined : { value: next };
        } catch (error) {
          yield { error };
        }
        if (step === undefined) return undefined;
        yield step;
      }
    } finally {
      if (stream !== undefined) {
        await stream.return!();
        this.#streams.delete(stream);
      }
    }
  }

  /**
   * Passes inputs through steps with one result per input, concurrently up to the capacity of the steps, and yields in
   * order.
   */
  async *#plain(parts: readonly (Stage | Handler)[], inputs: AsyncIterable<Outcome>): Flow {
    const room = parts.reduce((sum, part) => sum + (part instanceof Stage ? part.capacity : 0), 1);
    const iterator = inputs[Symbol.asyncIterator]();
    const pending = new Deque<Promise<Outcome>>();
    let reading: Promise<void> | undefined;
    let over = false;
    let failure: { readonly error: unknown } | undefined;
    const read = () =>
      iterator.next().then(({ done, value }) => {
        if (done === true) over = true;
        else pending.push(this.#send(parts, value as Outcome));
      }, (error) => {
        over = true;
        failure = { error };
      }).finally(() => reading = undefined);
    try {
      for (;;) {
        if (!over && pending.size < room) reading ??= read();
        const next = pending.peek();
        if (next === undefined) {
          if (failure !== undefined) throw failure.error;
          if (over) return undefined;
          await reading;
          continue;
        }
        const outcome = await (reading === undefined ? next : Promise.race([next, reading]));
        if (outcome === undefined) continue;
        pending.shift();
        yield outcome;
      }
    } finally {
      await iterator.return?.();
    }
  }

  async #send(parts: readonly (Stage | Handler)[], input: Outcome): Promise<Outcome> {
    if ("error" in input && parts.every((part) => part instanceof Stage)) return input;
    const value = "value" in input ? input.value : undefined;
    const item = new Item(parts, value, (fn) => this.#enter(() => this.#submit(fn)), () => {});
    this.#futures.add(item.future);
    const ended = item.future.result().then((value) => ({ value }), (error) => ({ error }));
    item.start("error" in input ? input : undefined);
    const outcome = await ended;
    this.#futures.delete(item.future);
    return outcome;
  }

  /** Submits a task, which is accepted even after the shutdown of its executor. */
  #submit<R>(submit: () => R): R {
    if (this.#stopped !== undefined) throw this.#stopped.reason;
    return this.#reservations.reduce<() => R>((fn, reservation) => () => reservation.admit(fn), submit)();
  }

  #revoked(how: Revoked): void {
    this.stop(how.cancelled ? new CancelledError("The stream was cancelled before its last step") : how.reason);
  }
}

/** The stream of a pipeline. */
export class PipelineStream<T> implements Stream<T> {
  readonly #flow: PipelineFlow;
  readonly #values: Flow;
  readonly #count: () => () => void;
  #over: (() => void) | undefined;
  readonly #waiting = new Set<(error: unknown) => void>();
  #begun = false;
  #failure: { readonly error: unknown } | undefined;
  #ended = false;
  #leaving: Promise<void> | undefined;

  static {
    printsAs(this, "Stream", (stream) => ({ done: stream.#ended }));
  }

  /**
   * @param count counts the stream as work of the pipeline, from the first value until the returned function is called.
   */
  constructor(flow: PipelineFlow, values: Flow, count: () => () => void) {
    this.#flow = flow;
    this.#values = values;
    this.#count = count;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (!this.#begun) {
      this.#begun = true;
      if (!this.#ended) {
        this.#over = this.#count();
        this.#flow.begin();
      }
    }
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) return Promise.reject(failure.error);
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      this.#step().finally(() => this.#waiting.delete(reject)).then(resolve, reject);
    });
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#failure = undefined;
    await (this.#leaving ??= this.#leave());
    return { done: true, value: undefined };
  }

  abort(reason: unknown = new DOMException("This operation was aborted", "AbortError")): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#waiting.size === 0) this.#failure = { error: reason };
    for (const reject of this.#waiting) reject(reason);
    this.#flow.stop(reason);
    this.#leaving ??= this.#leave();
    this.#leaving.catch(() => {});
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async #step(): Promise<IteratorResult<T, undefined>> {
    const { done, value } = await this.#values.next();
    if (done === true || this.#ended) {
      this.#finish();
      return { done: true, value: undefined };
    }
    if ("value" in value) return { done: false, value: value.value as T };
    await this.return();
    throw value.error;
  }

  async #leave(): Promise<void> {
    try {
      await this.#flow.leave();
      await this.#values.return(undefined);
    } finally {
      this.#finish();
    }
  }

  #finish(): void {
    this.#ended = true;
    this.#flow.end();
    this.#over?.();
    this.#over = undefined;
  }
}
