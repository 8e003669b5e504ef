/**
 * Pipelines: tasks in sequence.
 *
 * @module
 */

import { checkDuration, checkFunction, checkInteger, checkSignal, show } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import { InvalidStateError } from "../core/errors.ts";
import { runtime } from "../runtime/mod.ts";
import { requireDefinition, type Task } from "../task/task.ts";
import { type Executor, type MapOptions, SUBMIT_NAMES, type SubmitOptions } from "./executor.ts";
import { fulfil, Future, markCancelled, outcomeOf, whenDone } from "./future.ts";
import { fail } from "./chain.ts";
import { startWait } from "./nested.ts";
import { hostOf } from "./reservation.ts";
import { MapResults, type Results } from "./results.ts";
import type { Outcome } from "./source.ts";
import { type FlowPart, PipelineFlow, PipelineStream, StreamStage } from "./pipeline_stream.ts";
import { Item, type Part, Stage } from "./stage.ts";
import type { Stream } from "./stream.ts";
import { isGenerator, outcomesOf, StreamResults } from "./stream_results.ts";
import { unowned } from "./unobserved.ts";

/** An executor, or a function that creates one for the pipeline, which then closes it. */
export type PipelineExecutor = Executor | (() => Executor);

/** Options of a step, in addition to {@linkcode SubmitOptions}. */
export interface StepOptions extends SubmitOptions {
  /**
   * Where the step runs; the pipeline's executor by default. An executor that a function creates is closed with the
   * pipeline.
   */
  executor?: PipelineExecutor | undefined;
  /** Maximum number of items the step works on at a time; twice the workers of its executor by default. */
  concurrency?: number | undefined;
  /** Maximum number of items that may wait for the step; equal to `concurrency` by default. */
  bufferSize?: number | undefined;
}

const STEP_OPTIONS: OptionNames<StepOptions> = optionNames<StepOptions>({
  ...SUBMIT_NAMES,
  executor: true,
  concurrency: true,
  bufferSize: true,
});

/** Options of a pipeline's `map`. The `timeout` counts from the call. */
export type PipelineMapOptions = Omit<MapOptions, "chunkSize">;

const PIPELINE_MAP_OPTIONS: OptionNames<PipelineMapOptions> = optionNames<PipelineMapOptions>({
  bufferSize: true,
  ordered: true,
  onProgress: true,
  timeout: true,
  signal: true,
});

/** The parts of a pipeline. */
interface Plan {
  readonly executor: PipelineExecutor;
  readonly parts: readonly FlowPart[];
  readonly state: State;
}

/** The state shared by all pipelines that were derived from the same one. */
interface State {
  /** The executors that functions have created. */
  readonly opened: Map<() => Executor, Executor>;
  inWork: number;
  idle: (() => void) | undefined;
  closed: Promise<void> | undefined;
}

/** The input of the next step: each value that a generator yields, or the result of any other task. */
export type Produced<R> = R extends IterableIterator<infer T> | AsyncIterableIterator<infer T> ? T : R;

/** A pipeline without steps; the first step decides the type of its input. */
export interface PipelineStart extends AsyncDisposable {
  /** Adds the first step. */
  step<I, R>(task: Task<[I], R>, options?: StepOptions): Pipeline<I, Produced<Awaited<R>>>;
}

/**
 * Creates a pipeline. Its steps run on the given executor unless they name another one.
 *
 * @param executor an executor, which the pipeline does not close, or a function that creates one for the pipeline.
 * @throws {TypeError} if `executor` is neither.
 */
export function pipeline(executor: PipelineExecutor): PipelineStart {
  checkExecutor("Cannot open a pipeline as 'executor'", executor);
  const state: State = { opened: new Map(), inWork: 0, idle: undefined, closed: undefined };
  return new Pipeline<never, never>({ executor, parts: [], state }) as unknown as PipelineStart;
}

/**
 * Tasks in sequence: each step receives the result of the step before. Each step may run on an executor of its own.
 *
 * Adding a step returns a new pipeline. Both pipelines share the earlier steps with their limits and the executors that
 * were created for them, and are closed together.
 *
 * **Order.** Items start in order. The results of `map` come in the order of the items unless `ordered` is false.
 * **Cancellation.** `cancel` and `abort` of an item's future apply to its running task; between tasks they drop the
 * item. **Cost.** Each step has a limit for the items in work and for the items that wait. A finished item keeps its
 * place in a step until the next step has room. Memory is bounded for any number of items.
 *
 * @typeParam I the input.
 * @typeParam O the output.
 *
 * @example Two steps and a fallback for errors
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inline, InlineExecutor, pipeline } from "@heddle/heddle";
 *
 * const parse = inline((text: string) => JSON.parse(text) as number);
 * const double = inline((n: number) => 2 * n);
 * const doubling = pipeline(new InlineExecutor()).step(parse).catch(() => 0).step(double);
 * assertEquals(await doubling.run("21"), 42);
 * assertEquals(await doubling.map(["1", "no number", "3"]), [2, 0, 6]);
 * ```
 */
export class Pipeline<I, O> implements AsyncDisposable {
  readonly #plan: Plan;

  static {
    printsAs(this, "Pipeline", (pipeline) => ({ steps: pipeline.#plan.parts.length }));
  }

  /** Pipelines are created by {@linkcode pipeline}. */
  constructor(plan: unknown) {
    this.#plan = plan as Plan;
  }

  /**
   * Adds a step.
   *
   * @throws {TypeError | RangeError} if an argument is not valid.
   */
  step<R>(task: Task<[O], R>, options: StepOptions = {}): Pipeline<I, Produced<Awaited<R>>> {
    const { name, fn } = requireDefinition(task);
    const { executor = this.#plan.executor, concurrency, bufferSize, ...submitOptions } = checkOptions(
      "Cannot add a step as 'options'",
      options,
      STEP_OPTIONS,
    );
    checkExecutor("Cannot add a step as 'executor'", executor);
    if (concurrency !== undefined) checkInteger("Cannot add a step as 'concurrency'", concurrency, 1);
    if (bufferSize !== undefined) checkInteger("Cannot add a step as 'bufferSize'", bufferSize, 0);
    const plain = Object.values(submitOptions).every((value) => value === undefined);
    let view: Executor | undefined;
    const open = () => {
      const base = this.#open(executor);
      return view ??= plain ? base : base.with(submitOptions);
    };
    // If the executor exists, its own check of the options runs now.
    if (typeof executor !== "function") open();
    const most = concurrency ??
      2 * (typeof executor === "function" ? runtime.parallelism : Math.max(1, executor.maxWorkers));
    const opened = () => typeof executor === "function" ? this.#plan.state.opened.get(executor) : executor;
    const stage = isGenerator(fn)
      ? new StreamStage(name, (value) => open().stream(task as Task<[unknown], never>, value), opened)
      : new Stage(name, (value) => open().submit(task, value as O), opened, most, bufferSize ?? most);
    return this.#with<Produced<Awaited<R>>>(stage);
  }

  /**
   * Adds a handler for the errors of all earlier steps that no earlier handler has caught. The handler's value replaces
   * the result. After a single step it catches the errors of that step; at the end, those of the whole pipeline.
   *
   * @throws {TypeError} if `fn` is not a function.
   */
  catch<C>(fn: (error: unknown) => C): Pipeline<I, O | Awaited<C>> {
    checkFunction("Cannot catch as 'fn'", fn);
    return this.#with<O | Awaited<C>>((error: unknown) => fn(error));
  }

  /**
   * Runs one value through the steps.
   *
   * @throws {InvalidStateError} if the pipeline has no step, or was closed.
   * @throws {TypeError} if one of its steps is a generator: `stream` takes it.
   */
  run(input: I): Future<O> {
    this.#requireOpen();
    const step = this.#plan.parts.find((part) => part instanceof StreamStage);
    if (step !== undefined) {
      throw new TypeError(`Cannot run a pipeline with the generator step '${step.name}': use stream(input)`);
    }
    return this.#send(input).start() as Future<O>;
  }

  /**
   * Runs values through the steps, lazily. At most `bufferSize` items are taken from the source ahead of the consumer;
   * by default the number that the steps have room for. The first error is thrown in the place of its result. Leaving
   * the loop cancels the remaining items. With generator steps, all values of the first input come first, then those of
   * the second.
   *
   * @throws {TypeError | RangeError} if an argument is not valid.
   * @throws {InvalidStateError} if the pipeline has no step, or was closed.
   */
  map(inputs: Iterable<I> | AsyncIterable<I>, options: PipelineMapOptions = {}): Results<O> {
    this.#requireOpen();
    const { bufferSize = Math.max(1, this.#capacity), ordered = true, timeout = Infinity, signal, onProgress } =
      checkOptions(
        "Cannot map as 'options'",
        options,
        PIPELINE_MAP_OPTIONS,
      );
    checkInteger("Cannot map as 'bufferSize'", bufferSize, 1);
    checkDuration("Cannot map as 'timeout'", timeout);
    checkSignal("Cannot map as 'signal'", signal);
    if (onProgress !== undefined) checkFunction("Cannot map as 'onProgress'", onProgress);
    if (this.#plan.parts.some((part) => part instanceof StreamStage)) {
      return new StreamResults<O>(this.#stream(outcomesOf(inputs), undefined), { timeout, signal, onProgress });
    }
    const enter = runtime.captureContext();
    /** The step in which each failed item failed. */
    const failedIn = new WeakMap<Future<unknown>, Stage>();
    return new MapResults<O>({
      items: inputs,
      submit: ([input]) => enter(() => outcomeFuture(this.#send(input), failedIn)),
      chunkSize: () => 1,
      bufferSize,
      ordered,
      timeout,
      signal,
      onProgress,
      watch: (dropped) => {
        const hosts = this.#plan.parts.map((part) => part instanceof Stage ? hostOf(part.executor) : undefined);
        const stops = hosts.map((host) => host?.watch(dropped));
        return () => stops.forEach((stop) => stop?.());
      },
      unseen: (future, error, chunk) => {
        const stage = (chunk && failedIn.get(chunk)) ?? this.#firstStage;
        (hostOf(stage.executor)?.unobserved ?? unowned).add(future, stage.name, error);
      },
    });
  }

  /**
   * Runs one value through the steps, and returns the values that result: each value of a generator step goes through
   * the steps behind it.
   *
   * **Order.** That of the generators. An error comes in the place of the value that it replaced, unless it is caught.
   * **Cancellation.** As for a `stream` of an executor.
   *
   * @throws {InvalidStateError} if the pipeline has no step, or was closed.
   */
  stream(input: I): Stream<O> {
    this.#requireOpen();
    return this.#stream(outcomesOf([input]), { input });
  }

  /**
   * Accepts no more values, waits for those in flight, and closes the executors that were created for the pipeline.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#plan.state.closed ??= this.#close());
  }

  async #close(): Promise<void> {
    const { state } = this.#plan;
    if (state.inWork > 0) {
      const stopWait = startWait();
      await new Promise<void>((resolve) => state.idle = resolve);
      stopWait?.();
    }
    await Promise.all([...state.opened.values()].map((executor) => executor.shutdown()));
  }

  /** Maximum number of items in all steps. */
  get #capacity(): number {
    return this.#plan.parts.reduce((sum, part) => sum + (part instanceof Stage ? part.capacity : 0), 0);
  }

  get #firstStage(): Stage {
    return this.#plan.parts.find((part) => part instanceof Stage)!;
  }

  /** The first step starts at once, if it is a generator. */
  #stream(inputs: AsyncIterable<Outcome>, first: { readonly input: unknown } | undefined): PipelineStream<O> {
    const { parts } = this.#plan;
    const flow = new PipelineFlow(parts, runtime.captureContext());
    const [step] = parts;
    const started = first !== undefined && step instanceof StreamStage ? flow.start(step, first.input) : undefined;
    return new PipelineStream<O>(flow, flow.through(parts, inputs, started), () => this.#countIn());
  }

  #with<N>(part: FlowPart): Pipeline<I, N> {
    return new Pipeline<I, N>({ ...this.#plan, parts: [...this.#plan.parts, part] });
  }

  #open(executor: PipelineExecutor): Executor {
    if (typeof executor !== "function") return executor;
    const { opened } = this.#plan.state;
    const known = opened.get(executor) ?? executor();
    opened.set(executor, known);
    return known;
  }

  #requireOpen(): void {
    if (this.#plan.state.closed !== undefined) throw new InvalidStateError("Cannot use a pipeline that was closed");
    if (this.#plan.parts.some((part) => typeof part !== "function")) return;
    throw new InvalidStateError("Cannot use a pipeline without a step: add one with step(task)");
  }

  #send(input: unknown): Item {
    return new Item(this.#plan.parts as readonly Part[], input, runtime.captureContext(), this.#countIn());
  }

  /** Counts what is on its way until the returned function is called. */
  #countIn(): () => void {
    const { state } = this.#plan;
    state.inWork++;
    return () => {
      if (--state.inWork === 0) state.idle?.();
    };
  }
}

/**
 * The outcome of an item in the form that a `map` takes. The item's failure is observed once the map has yielded it.
 */
function outcomeFuture(item: Item, failedIn: WeakMap<Future<unknown>, Stage>): Future<Outcome[]> {
  const future = new Future<Outcome[]>(item);
  whenDone(item.start(), (done) => {
    const outcome = outcomeOf(done);
    if (outcome === undefined) return markCancelled(future);
    if ("value" in outcome) return fulfil(future, [outcome]);
    if (item.last !== undefined) failedIn.set(future, item.last);
    fail(future, outcome.error, done);
  });
  return future;
}

function checkExecutor(what: string, executor: unknown): void {
  if (typeof executor === "function") return;
  if (typeof (executor as Partial<Executor> | null | undefined)?.submit === "function") return;
  throw new TypeError(
    `${what} must be an executor, or a function that creates one: current value is ${show(executor)}`,
  );
}
