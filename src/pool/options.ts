/**
 * The options of pools.
 *
 * @module
 */

import {
  checkDuration,
  checkFunction,
  checkInteger,
  checkIntegerOr,
  checkOneOf,
  checkSignal,
  show,
} from "../core/check.ts";
import { checkObject, checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import { SUBMIT_OPTIONS, type SubmitOptions } from "../futures/executor.ts";
import { checkRetry } from "../futures/retry_plan.ts";
import type { WorkerLostError } from "../core/errors.ts";
import type { BreakReason } from "./engine/break_reason.ts";
import type { Job } from "./engine/job.ts";
import { checkNeed } from "./engine/need.ts";
import { Resources } from "./resources.ts";
import { runtime } from "../runtime/mod.ts";
import type { ProcessStart, ResourceLimits } from "../runtime/types.ts";
import { type Definition, requireDefinition, type Task } from "../task/task.ts";

/** Default time limit for the start of a worker, in milliseconds. */
export const START_TIMEOUT = 30_000;

/** Takes what workers print. */
export type OutputTaker = (chunk: Uint8Array, source: { workerId: number; stream: "stdout" | "stderr" }) => void;

/** Options of all pools. */
export interface PoolOptions {
  /** Maximum number of workers; the parallelism of the runtime by default. Workers start on demand. */
  maxWorkers?: number | undefined;
  /** Number of workers that are started at once and kept; 0 by default. */
  minWorkers?: number | undefined;
  /** Milliseconds after which an idle worker is ended; never by default. */
  idleTimeout?: number | undefined;
  /** Number of tasks a worker may have in progress; 1 by default. `"auto"` learns whether tasks compute or wait. */
  concurrency?: number | "auto" | undefined;
  /**
   * The target of the workers' output: `"inherit"`, the default, forwards it to the program's own output in whole
   * lines; a function receives the output instead, in the pieces in which it arrives. An `InlineExecutor` does not have
   * this option.
   */
  output?: "inherit" | OutputTaker | undefined;
  /** Maximum number of waiting tasks; unlimited by default. With 0 a task needs a free worker. */
  queueLimit?: number | undefined;
  /**
   * The policy for tasks beyond `queueLimit`. `"wait"`, the default, queues them anyway, but a `map` takes no more
   * items until there is room. `"reject"` rejects their futures with a `RejectedError`. `"caller-runs"` runs them in
   * the calling loop. `"drop-oldest"` drops the oldest task of the lowest priority, whose future rejects with a
   * `RejectedError`.
   */
  overflow?: "wait" | "reject" | "caller-runs" | "drop-oldest" | undefined;
  /**
   * The task that every worker runs before its first task; a failure breaks the pool. If it returns a disposable, the
   * disposable is disposed when the worker ends gracefully, within `grace`.
   */
  // deno-lint-ignore no-explicit-any -- the arguments are checked against nothing, as they come from `initArgs`
  initializer?: Task<any[], unknown> | undefined;
  /** The arguments of the initializer. */
  initArgs?: readonly unknown[] | undefined;
  /** Number of tasks after which a worker is replaced. */
  maxTasksPerWorker?: number | undefined;
  /** Memory limit of a worker. A worker that uses more bytes when a task ends is replaced. */
  maxMemoryBytes?: number | undefined;
  /** Whether the loss of a worker fails only its running tasks (`"replace"`, the default) or breaks the pool. */
  onWorkerLost?: "replace" | "break" | undefined;
  /**
   * Time limit for the start of a worker, and for loading the module of a task, in milliseconds; 30,000 by default.
   */
  startTimeout?: number | undefined;
  /** Milliseconds that an aborted task has to end before its worker is replaced; 1,000 by default. */
  grace?: number | undefined;
  /** The pool's name, for messages and for `current().executor`. */
  name?: string | undefined;
  /** The resources of `with({ resources })`, which other pools may share. */
  resources?: Resources | undefined;
}

/**
 * Types `initArgs` by the parameters of the initializer.
 *
 * @typeParam A the parameters of the initializer.
 */
export type InitializerOptions<A extends unknown[]> =
  & { initializer?: Task<A, unknown> | undefined }
  & ([] extends A ? { initArgs?: NoInfer<Readonly<A>> | undefined } : { initArgs: NoInfer<Readonly<A>> });

/** Options of a thread pool. */
export interface ThreadPoolOptions extends PoolOptions {
  /** Limits of each thread's engine. Node only: on other runtimes, limit processes through `execArgs`. */
  resourceLimits?: ResourceLimits | undefined;
}

/** Options of a process pool. */
export interface ProcessPoolOptions extends PoolOptions {
  /** Environment variables to add to the program's own; `undefined` removes one. */
  env?: Record<string, string | undefined> | undefined;
  /** The working directory of the workers. */
  cwd?: string | undefined;
  /** Additional arguments for the runtime, before those that start the worker. */
  execArgs?: readonly string[] | undefined;
  /**
   * Deno only: the permissions of the workers. `"inherit"`, the default, passes on the program's permissions as far as
   * the program can query them, and never more. `"none"` lets workers read their modules and nothing else. A list is
   * passed on as flags.
   */
  permissions?: "inherit" | "none" | readonly string[] | undefined;
}

/** The names of {@linkcode PoolOptions}, for lists of allowed options. */
const POOL_OPTIONS = {
  maxWorkers: true,
  minWorkers: true,
  idleTimeout: true,
  concurrency: true,
  queueLimit: true,
  output: true,
  overflow: true,
  initializer: true,
  initArgs: true,
  maxTasksPerWorker: true,
  maxMemoryBytes: true,
  onWorkerLost: true,
  startTimeout: true,
  grace: true,
  name: true,
  resources: true,
} as const;

/** The names of the additional options of processes, for lists of allowed options. */
export const PROCESS_OPTIONS = { env: true, cwd: true, execArgs: true, permissions: true } as const;

const POOL_NAMES: OptionNames<PoolOptions> = optionNames<PoolOptions>(POOL_OPTIONS);

type OnlyProcessOptions = Pick<ProcessPoolOptions, keyof typeof PROCESS_OPTIONS>;

/** The allowed options of a thread pool. */
export const THREAD_POOL_NAMES: OptionNames<ThreadPoolOptions> = optionNames<ThreadPoolOptions>({
  ...POOL_OPTIONS,
  resourceLimits: true,
});

/** The allowed options of a process pool. */
export const PROCESS_POOL_NAMES: OptionNames<ProcessPoolOptions> = optionNames<ProcessPoolOptions>({
  ...POOL_OPTIONS,
  ...PROCESS_OPTIONS,
});

/** The options of a pool, checked and with defaults. */
export interface Settings {
  /** Can be set while the pool runs. */
  maxWorkers: number;
  readonly minWorkers: number;
  readonly idleTimeout: number;
  readonly concurrency: number | "auto";
  readonly queueLimit: number;
  readonly overflow: "wait" | "reject" | "caller-runs" | "drop-oldest";
  readonly initializer: Definition | undefined;
  readonly initArgs: readonly unknown[];
  readonly maxTasksPerWorker: number;
  readonly maxMemoryBytes: number;
  readonly onWorkerLost: "replace" | "break";
  readonly startTimeout: number;
  /** Time limit for loading the module of a task, if it differs from `startTimeout`. */
  readonly loadTimeout?: number;
  readonly grace: number;
  readonly name: string;
  readonly resources?: Resources | undefined;
  /** Whether tasks run in this thread, where two functions with the same source may have different closures. */
  readonly inProcess: boolean;
  /** Only if tasks run in this thread: the jobs in progress by number, for their async context and nested waits. */
  readonly jobs: Map<number, Job> | undefined;
  /** Whether the program may end while there is work. Can be set until there is a worker. */
  daemon: boolean;
  /** Number of workers in a row that may die without completing a task before the pool breaks. */
  readonly deathLimit: number;
  /** Decides what follows the failure of an actor's worker; undefined for pools. */
  readonly supervise?: (failure: WorkerFailure) => number | BreakReason;
}

/** The failure of an actor's worker. */
export interface WorkerFailure {
  /** The uncaught error, that of the constructor, or the loss of the worker. */
  readonly error: unknown;
  /** Whether the constructor threw. */
  readonly constructing: boolean;
  /** Creates an error for a call that is lost with the worker. */
  loss(): WorkerLostError;
}

const RESOURCE_LIMITS: OptionNames<ResourceLimits> = optionNames<ResourceLimits>({
  maxOldGenerationSizeMb: true,
  maxYoungGenerationSizeMb: true,
  codeRangeSizeMb: true,
  stackSizeMb: true,
});

/** The default of `deathLimit`. */
const DEATH_LIMIT = 3;

const LARGEST_CONCURRENCY = 10_000;

/** The largest buffer: credits travel in 32 bits, and no memory holds more values. */
const LARGEST_BUFFER = 2 ** 30;

/** Checks the options of a pool, and adds the defaults. */
export function checkPoolOptions(
  kind: string,
  given: PoolOptions,
  known: OptionNames<PoolOptions> = POOL_NAMES,
): Settings {
  const options = checkOptions(`Cannot open a ${kind} as 'options'`, given, known);
  const what = (name: string) => `Cannot open a ${kind} as '${name}'`;
  const integer = (name: keyof PoolOptions, fallback: number, min: number, max?: number) =>
    options[name] === undefined ? fallback : checkInteger(what(name), options[name], min, max);
  const duration = (name: keyof PoolOptions, fallback: number) =>
    options[name] === undefined ? fallback : checkDuration(what(name), options[name]);
  // The default is checked as well, as it comes from the host.
  const { maxWorkers: most = runtime.parallelism } = options;
  const maxWorkers = checkInteger(what("maxWorkers"), most, 1);
  const { concurrency = 1, overflow = "wait", onWorkerLost = "replace", initializer, initArgs = [], name = kind } =
    options;
  if (initializer !== undefined) checkFunction(what("initializer"), initializer);
  if (!Array.isArray(initArgs)) {
    throw new TypeError(`${what("initArgs")} must be an array: current value is ${show(initArgs)}`);
  }
  checkOutput(what("output"), options.output, kind);
  if (typeof name !== "string") throw new TypeError(`${what("name")} must be a string: current value is ${show(name)}`);
  const { resources } = options;
  if (resources !== undefined && !(resources instanceof Resources)) {
    throw new TypeError(`${what("resources")} must be a Resources object: current value is ${show(resources)}`);
  }
  return {
    maxWorkers,
    minWorkers: integer("minWorkers", 0, 0, maxWorkers),
    idleTimeout: duration("idleTimeout", Infinity),
    concurrency: checkIntegerOr(what("concurrency"), "auto", concurrency, 1, LARGEST_CONCURRENCY),
    queueLimit: options.queueLimit === Infinity ? Infinity : integer("queueLimit", Infinity, 0),
    overflow: checkOneOf(what("overflow"), overflow, ["wait", "reject", "caller-runs", "drop-oldest"]),
    initializer: initializer === undefined ? undefined : requireDefinition(initializer),
    initArgs,
    maxTasksPerWorker: integer("maxTasksPerWorker", Infinity, 1),
    maxMemoryBytes: integer("maxMemoryBytes", Infinity, 1),
    onWorkerLost: checkOneOf(what("onWorkerLost"), onWorkerLost, ["replace", "break"]),
    startTimeout: duration("startTimeout", START_TIMEOUT),
    grace: duration("grace", 1_000),
    name,
    resources,
    inProcess: kind === "InlineExecutor",
    jobs: kind === "InlineExecutor" ? new Map() : undefined,
    daemon: false,
    deathLimit: DEATH_LIMIT,
  };
}

function checkOutput(what: string, output: PoolOptions["output"], kind: string): void {
  if (output === undefined) return;
  if (kind === "InlineExecutor") throw new TypeError(`${what} is for workers, which an InlineExecutor has not`);
  if (output !== "inherit" && typeof output !== "function") {
    throw new TypeError(`${what} must be "inherit" or a function: current value is ${show(output)}`);
  }
}

/** Checks the limits of threads. */
export function checkResourceLimits(given: ThreadPoolOptions): ResourceLimits | undefined {
  const { resourceLimits } = given;
  if (resourceLimits === undefined) return undefined;
  const what = "Cannot open a ThreadPoolExecutor as 'resourceLimits'";
  if (!runtime.limitsThreads) {
    throw new TypeError(
      `${what} is for Node alone: use a ProcessPoolExecutor, and give its runtime limits with 'execArgs'`,
    );
  }
  const limits = checkOptions(what, resourceLimits, RESOURCE_LIMITS);
  for (const [name, value] of Object.entries(limits)) {
    if (value !== undefined && !(typeof value === "number" && value > 0)) {
      throw new RangeError(`${what} must have a positive number '${name}': current value is ${show(value)}`);
    }
  }
  return limits;
}

/** Checks the options that only processes have; messages begin with `action`. */
export function checkProcessOptions(
  action: string,
  given: OnlyProcessOptions,
  known: OptionNames<OnlyProcessOptions>,
): Omit<ProcessStart, "entry" | "modules" | "hello"> {
  const what = (name: string) => `${action} as '${name}'`;
  const { env, cwd, execArgs = [], permissions = "inherit" } = checkOptions(what("options"), given, known);
  if (env !== undefined) checkObject(what("env"), env);
  if (cwd !== undefined && typeof cwd !== "string") {
    throw new TypeError(`${what("cwd")} must be a string: current value is ${show(cwd)}`);
  }
  checkStrings(what("execArgs"), execArgs);
  if (typeof permissions === "string") checkOneOf(what("permissions"), permissions, ["inherit", "none"]);
  else checkStrings(what("permissions"), permissions);
  return { env: env && { ...env }, cwd, execArgs: [...execArgs], permissions };
}

/** Checks the options of a view. */
export function checkSubmitOptions(given: SubmitOptions): SubmitOptions {
  const options = checkOptions("Cannot submit as 'options'", given, SUBMIT_OPTIONS);
  const { signal, timeout, grace, priority, aging, retry, bufferSize, resources } = options;
  checkSignal("Cannot submit as 'signal'", signal);
  if (timeout !== undefined) checkDuration("Cannot submit as 'timeout'", timeout);
  if (grace !== undefined) checkDuration("Cannot submit as 'grace'", grace);
  if (priority !== undefined && (typeof priority !== "number" || Number.isNaN(priority))) {
    throw new TypeError(`Cannot submit as 'priority' must be a number: current value is ${show(priority)}`);
  }
  if (aging !== undefined && !(typeof aging === "number" && aging >= 0 && aging < Infinity)) {
    const Failure = typeof aging === "number" ? RangeError : TypeError;
    throw new Failure(`Cannot submit as 'aging' must be a number from 0 on: current value is ${show(aging)}`);
  }
  if (bufferSize !== undefined) checkInteger("Cannot submit as 'bufferSize'", bufferSize, 1, LARGEST_BUFFER);
  if (retry !== undefined) options.retry = checkRetry("Cannot submit as 'retry'", retry);
  if (resources !== undefined) {
    options.resources = checkNeed("Cannot submit as 'resources'", resources) as unknown as Record<string, number>;
  }
  return options;
}

function checkStrings(what: string, value: unknown): void {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return;
  throw new TypeError(`${what} must be an array of strings: current value is ${show(value)}`);
}
