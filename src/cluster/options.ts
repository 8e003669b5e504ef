/**
 * The options of clusters.
 *
 * @module
 */

import { checkDuration, checkInteger, checkOneOf, show } from "../core/check.ts";
import { checkObject, checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import type { Clock } from "../core/wait_queue.ts";
import { SUBMIT_NAMES, type SubmitOptions } from "../futures/executor.ts";
import { checkSubmitOptions } from "../pool/options.ts";
import { now, startTimer, type TimerOptions } from "../time/system_clock.ts";
import type { Engine } from "./engine.ts";

/** Options of executors, hosts and semaphores of a cluster. */
export interface ClusterOptions {
  /** The engine: `import * as bullmq from "bullmq"`. */
  engine: Engine;
  /** The server, in the form of the engine: `{ url }`, `{ host, port }`, or a connection of `ioredis`. */
  connection: object;
  /** The name of the queue; `"heddle"` by default. Give each application one of its own. */
  queue?: string | undefined;
  /** Milliseconds of silence after which a host or the holder of a permit counts as lost; 10,000 by default. */
  lease?: number | undefined;
  /** Prefix of all keys at the server; the engine's default by default. */
  prefix?: string | undefined;
  /** Milliseconds without the server after which pending tasks are rejected; 60,000 by default. */
  disconnectTimeout?: number | undefined;
  /** Milliseconds without a living host after which waiting tasks are taken back and rejected; 60,000 by default. */
  hostTimeout?: number | undefined;
  /** The maximum size of the arguments or the result of a task, in bytes; 1 MiB by default. */
  maxPayloadBytes?: number | undefined;
}

/** Options of a `ClusterExecutor`. */
export interface ClusterExecutorOptions extends ClusterOptions {
  /**
   * Whether the task of a lost host runs again, up to three times (`"retry"`, the default), or ends in a
   * `WorkerLostError`.
   */
  onHostLoss?: "retry" | "fail" | undefined;
  /**
   * Milliseconds for which results stay at the server; 3,600,000 by default. The shortest time of all executors of a
   * queue applies.
   */
  resultTtl?: number | undefined;
  /** The maximum number of tasks of this executor that wait beyond the places of the hosts; unlimited by default. */
  queueLimit?: number | undefined;
  /**
   * Beyond the limit, `"wait"` (the default) lets tasks wait and stops `map` from taking items; `"reject"` rejects
   * tasks.
   */
  overflow?: "wait" | "reject" | undefined;
  /** The executor's name, for messages. */
  name?: string | undefined;
}

/** Options for everything submitted through a view of a cluster's executor. */
export interface ClusterSubmitOptions extends SubmitOptions {
  /** Milliseconds before the task may start. */
  delay?: number | undefined;
  /** Makes the submit idempotent: a task with a known key is not submitted again. The key is the task's id. */
  key?: string | undefined;
}

/** The clock of a cluster's objects. An engine for tests has its own. */
export interface ClusterClock extends Clock {
  /** Calls a function once after a delay; with `unref` the timer does not keep the program alive. */
  startTimer(delay: number, fn: () => void, options?: TimerOptions): () => void;
}

/** Checked and complete options. */
export interface ClusterSettings {
  readonly engine: Engine;
  readonly clock: ClusterClock;
  readonly connection: object;
  readonly queue: string;
  readonly lease: number;
  readonly prefix: string | undefined;
  readonly disconnectTimeout: number;
  readonly hostTimeout: number;
  readonly maxPayloadBytes: number;
}

/** The names of the common options. */
export const CLUSTER_NAMES = {
  engine: true,
  connection: true,
  queue: true,
  lease: true,
  prefix: true,
  disconnectTimeout: true,
  hostTimeout: true,
  maxPayloadBytes: true,
} as const;

const SUBMIT_OPTIONS: OptionNames<ClusterSubmitOptions> = optionNames<ClusterSubmitOptions>({
  ...SUBMIT_NAMES,
  delay: true,
  key: true,
});

/** The classes of an engine. */
const CLASSES = ["Queue", "QueueEvents", "Worker"] as const;
const LEASE = 10_000, MINUTE = 60_000, MEBIBYTE = 2 ** 20;
/** The shortest lease: a renewal needs a round trip. */
const SHORTEST_LEASE = 100;
/** Priorities of the engine are positive, and lower ones run first. */
const LARGEST_PRIORITY = 1_000_000, PRIORITY_ZERO = 2 ** 20;

/** Checks the common options; messages begin with `what`. */
export function checkCluster(what: string, options: ClusterOptions): ClusterSettings {
  const { engine, connection, queue = "heddle", prefix } = options;
  const { lease = LEASE, disconnectTimeout = MINUTE, hostTimeout = MINUTE, maxPayloadBytes = MEBIBYTE } = options;
  const missing = CLASSES.filter((name) =>
    typeof (engine as Partial<Engine> | null | undefined)?.[name] !== "function"
  );
  if (missing.length > 0) {
    throw new TypeError(
      `${what} 'engine' must be the module of BullMQ, which has a class ${missing[0]}: current value is ${
        show(engine)
      }`,
    );
  }
  checkObject(`${what} 'connection'`, connection);
  checkName(`${what} 'queue'`, queue);
  if (prefix !== undefined) checkName(`${what} 'prefix'`, prefix);
  return {
    engine,
    clock: (engine as Engine & { clock?: ClusterClock }).clock ?? { now, startTimer },
    connection,
    queue,
    prefix,
    lease: checkInteger(`${what} 'lease'`, lease, SHORTEST_LEASE),
    disconnectTimeout: checkDuration(`${what} 'disconnectTimeout'`, disconnectTimeout),
    hostTimeout: checkDuration(`${what} 'hostTimeout'`, hostTimeout),
    maxPayloadBytes: checkInteger(`${what} 'maxPayloadBytes'`, maxPayloadBytes, 1),
  };
}

/** Checks the options of a view. */
export function checkClusterSubmit(given: ClusterSubmitOptions): ClusterSubmitOptions {
  const what = "Cannot submit as";
  for (const name of ["resources", "aging"] as const) {
    if ((given as Record<string, unknown> | null | undefined)?.[name] === undefined) continue;
    throw new TypeError(`${what} '${name}' is not for clusters: a host's own executor has its resources`);
  }
  const { delay, key, ...others } = checkOptions(`${what} 'options'`, given, SUBMIT_OPTIONS);
  const options: ClusterSubmitOptions = checkSubmitOptions(others);
  const { priority, retry } = options;
  if (priority !== undefined && !(Number.isInteger(priority) && Math.abs(priority) <= LARGEST_PRIORITY)) {
    throw new RangeError(
      `${what} 'priority' must be an integer from -1,000,000 to 1,000,000 in a cluster: current value is ${priority}`,
    );
  }
  if (retry?.retryIf !== undefined) {
    throw new TypeError(`${what} 'retry.retryIf' cannot be kept at the server, where retries survive this program`);
  }
  if (key !== undefined && typeof key !== "string") {
    throw new TypeError(`${what} 'key' must be a string: current value is ${show(key)}`);
  }
  if (delay !== undefined) options.delay = checkDuration(`${what} 'delay'`, delay);
  if (delay === Infinity) throw new RangeError(`${what} 'delay' must be finite: current value is Infinity`);
  if (key !== undefined) options.key = key;
  return options;
}

/** Checks one of a few words. */
export function checkWord<T extends string>(what: string, value: T, allowed: readonly T[]): T {
  return checkOneOf(what, value, allowed);
}

/** Returns the priority for the engine. Every task has one, as the engine runs jobs without a priority first. */
export function enginePriority(priority: number = 0): number {
  return PRIORITY_ZERO - priority;
}

/** Returns the options of an object of the engine. */
export function engineOptions({ connection, prefix }: ClusterSettings, more: object = {}): never {
  return { connection, ...(prefix === undefined ? {} : { prefix }), ...more } as never;
}

function checkName(what: string, value: unknown): void {
  if (typeof value === "string" && value !== "" && !value.includes(":")) return;
  throw new TypeError(`${what} must be a name without ':': current value is ${show(value)}`);
}
