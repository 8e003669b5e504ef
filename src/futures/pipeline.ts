/**
 * Tasks behind each other.
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
import { MapResults, type Outcome, type Results } from "./results.ts";
import { type Handler, Item, type Part, Stage } from "./stage.ts";
import { unowned } from "./unobserved.ts";

/** An executor, or what opens one that the pipeline is to close. */
export type PipelineExecutor = Executor | (() => Executor);

/** Options of a step, beside those of everything that is submitted. */
export interface StepOptions extends SubmitOptions {
  /** Where the step runs; on the executor of the pipeline if left out. One that a function opens is closed with the pipeline. */
  executor?: PipelineExecutor | undefined;
  /** How many items the step works on at a time; twice the workers of its executor if left out. */
  concurrency?: number | undefined;
  /** How many items may wait for the step; as many as it works on if left out. */
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
  readonly parts: readonly Part[];
  readonly state: State;
}

/** What all pipelines made of the same one share. */
interface State {
  /** What functions have opened. */
  readonly opened: Map<() => Executor, Executor>;
  inWork: number;
  idle: (() => void) | undefined;
  closed: Promise<void> | undefined;
}

/** A pipeline without a step: what it takes is still open. */
export interface PipelineStart extends AsyncDisposable {
  /** Adds the first step. */
  step<I, R>(task: Task<[I], R>, options?: StepOptions): Pipeline<I, Awaited<R>>;
}

/**
 * Opens a pipeline whose steps run on an executor, unless they have one of their own.
 *
 * @param executor the executor, which stays open, or a function that opens one for the pipeline.
 * @throws {TypeError} if it is neither.
 */
export function pipeline(executor: PipelineExecutor): PipelineStart {
  checkExecutor("Cannot open a pipeline as 'executor'", executor);
  const state: State = { opened: new Map(), inWork: 0, idle: undefined, closed: undefined };
  return new Pipeline<never, never>({ executor, parts: [], state }) as unknown as PipelineStart;
}

/**
 * Tasks behind each other: what one returns is what the next is given. Each step may run on an executor of its own.
 *
 * Adding to a pipeline makes a new one; both share their steps, the bounds of these and what they have opened, and are
 * closed together.
 *
 * **Order.** Items set out in order; with `map` their results come in order too, unless asked otherwise. **Cancellation.**
 * `cancel` and `abort` of an item's future reach the task that runs, and drop it between tasks. **Cost.** A step works on
 * a bounded number of items while a bounded number wait for it; an item that is done with a step keeps its place until the
 * next one has room. However many items go through, memory stays the same.
 *
 * @typeParam I what goes in.
 * @typeParam O what comes out.
 *
 * @example Two steps, and what takes the place of a failure
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

  /** Pipelines are opened by {@linkcode pipeline}. */
  constructor(plan: unknown) {
    this.#plan = plan as Plan;
  }

  /**
   * Adds a step.
   *
   * @throws {TypeError | RangeError} if an argument is not valid.
   */
  step<R>(task: Task<[O], R>, options: StepOptions = {}): Pipeline<I, Awaited<R>> {
    const { name } = requireDefinition(task);
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
    // Options are checked now, if there is an executor that could.
    if (typeof executor !== "function") open();
    const most = concurrency ??
      2 * (typeof executor === "function" ? runtime.parallelism : Math.max(1, executor.maxWorkers));
    const opened = () => typeof executor === "function" ? this.#plan.state.opened.get(executor) : executor;
    const stage = new Stage(name, (value) => open().submit(task, value as O), opened, most, bufferSize ?? most);
    return this.#with<Awaited<R>>(stage);
  }

  /**
   * Adds what is called with the error of any step before it that nothing else has caught; what it returns takes the place
   * of the result. Directly behind a step it catches the errors of that step; at the end, those of the whole.
   *
   * @throws {TypeError} if it is not a function.
   */
  catch<C>(fn: (error: unknown) => C): Pipeline<I, O | Awaited<C>> {
    checkFunction("Cannot catch as 'fn'", fn);
    return this.#with<O | Awaited<C>>((error: unknown) => fn(error));
  }

  /**
   * Sends one value through.
   *
   * @throws {InvalidStateError} if the pipeline has no step, or was closed.
   */
  run(input: I): Future<O> {
    this.#requireOpen();
    return this.#send(input).start() as Future<O>;
  }

  /**
   * Sends values through, lazily: no more are taken from the source than the steps have room for, or than `bufferSize` ahead
   * of the consumer. The first error is thrown where its result would have come, and leaving the loop cancels the rest.
   *
   * @throws {TypeError | RangeError} if an argument is not valid.
   * @throws {InvalidStateError} if the pipeline has no step, or was closed.
   */
  map(inputs: Iterable<I> | AsyncIterable<I>, options: PipelineMapOptions = {}): Results<O> {
    this.#requireOpen();
    const { bufferSize = this.#capacity, ordered = true, timeout = Infinity, signal, onProgress } = checkOptions(
      "Cannot map as 'options'",
      options,
      PIPELINE_MAP_OPTIONS,
    );
    checkInteger("Cannot map as 'bufferSize'", bufferSize, 1);
    checkDuration("Cannot map as 'timeout'", timeout);
    checkSignal("Cannot map as 'signal'", signal);
    if (onProgress !== undefined) checkFunction("Cannot map as 'onProgress'", onProgress);
    const enter = runtime.captureContext();
    /** The steps in which items have failed. */
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

  /** Takes nothing more, waits for what is on its way, and closes the executors that were opened for it. */
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

  /** How many items there is room for. */
  get #capacity(): number {
    return this.#plan.parts.reduce((sum, part) => sum + (part instanceof Stage ? part.capacity : 0), 0);
  }

  get #firstStage(): Stage {
    return this.#plan.parts.find((part) => part instanceof Stage)!;
  }

  #with<N>(part: Stage | Handler): Pipeline<I, N> {
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
    if (this.#capacity > 0) return;
    throw new InvalidStateError("Cannot use a pipeline without a step: add one with step(task)");
  }

  #send(input: unknown): Item {
    const { state } = this.#plan;
    state.inWork++;
    const over = () => {
      if (--state.inWork === 0) state.idle?.();
    };
    return new Item(this.#plan.parts, input, runtime.captureContext(), over);
  }
}

/** The outcome of an item as a `map` wants it: its failure is seen once it is handed out. */
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
  throw new TypeError(`${what} must be an executor, or a function that opens one: current value is ${show(executor)}`);
}
