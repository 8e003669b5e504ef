/**
 * The arguments and options of threads, processes and actors.
 *
 * @module
 */

import { show } from "../../core/check.ts";
import { checkOptions, type OptionNames } from "../../core/options.ts";
import { copyValue, movesAnything } from "../../wire/one_loop.ts";
import { type RestartOptions, Restarts } from "./restarts.ts";

/** Options of threads and processes. */
export interface SingleWorkerOptions {
  /** The name; a name with a number by default. */
  name?: string | undefined;
  /**
   * Whether the program may end without waiting for the worker; inherited from the creating thread or process by
   * default.
   */
  daemon?: boolean | undefined;
  /** Restarts the worker after a failure; it is not restarted by default. */
  restart?: RestartOptions | undefined;
}

/**
 * The parameters after the task: its arguments, optional if the task needs none, and options.
 *
 * @typeParam A the parameters of the task.
 * @typeParam O the options.
 */
export type StartArguments<A extends unknown[], O> = [] extends A ? [args?: NoInfer<Readonly<A>>, options?: O]
  : [args: NoInfer<Readonly<A>>, options?: O];

/** The names of {@linkcode SingleWorkerOptions}, for lists of allowed options. */
export const SINGLE_WORKER_OPTIONS = { name: true, daemon: true, restart: true } as const;

/** The kinds of single workers. */
export type SingleWorkerKind = "Thread" | "Process" | "ThreadActor" | "ProcessActor";

/** The checked arguments and options of a single worker. */
export interface SingleWorkerSettings {
  readonly args: unknown[];
  readonly name: string;
  readonly daemon: boolean;
  /** Its restarts; undefined if it is not restarted. */
  readonly restarts: Restarts | undefined;
}

/** Number of workers created without a name. */
const made: Record<SingleWorkerKind, number> = { Thread: 0, Process: 0, ThreadActor: 0, ProcessActor: 0 };

/**
 * Checks the arguments and options of a single worker.
 *
 * @param inherited whether the creating thread or process is a daemon.
 */
export function checkSingleWorker<O extends SingleWorkerOptions>(
  kind: SingleWorkerKind,
  args: unknown,
  given: O,
  inherited: boolean,
  known: OptionNames<O>,
): SingleWorkerSettings {
  const what = (member: string) => `Cannot make a ${kind} as '${member}'`;
  if (!Array.isArray(args)) throw new TypeError(`${what("args")} must be an array: current value is ${show(args)}`);
  const { name, daemon = inherited, restart } = checkOptions(what("options"), given, known);
  if (name !== undefined && typeof name !== "string") {
    throw new TypeError(`${what("name")} must be a string: current value is ${show(name)}`);
  }
  if (typeof daemon !== "boolean") {
    throw new TypeError(`${what("daemon")} must be a boolean: current value is ${show(daemon)}`);
  }
  const restarts = restart === undefined ? undefined : new Restarts(what("restart"), restart);
  if (restarts !== undefined && movesAnything(args)) {
    throw new TypeError(`${what("args")} must not transfer anything with 'restart': each start needs the arguments`);
  }
  return { args: [...args], name: name ?? `${kind}-${++made[kind]}`, daemon, restarts };
}

/** Copies the arguments at the start of a worker, so that each restart gets them as they were then. */
export function copyArgs(args: unknown[]): unknown[] {
  try {
    return copyValue(args, "args");
  } catch {
    // The engine rejects arguments that cannot travel.
    return args;
  }
}
