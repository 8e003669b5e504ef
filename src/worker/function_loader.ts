/**
 * Finds the functions of tasks in their modules.
 *
 * @module
 */

import { InvalidStateError, TimeoutError } from "../core/errors.ts";
import { contexts, loadModule } from "../task/current.ts";
import { readAddress, type TaskAddress } from "../task/address.ts";
import { compile } from "../task/compile.ts";
import { type LocalTask, localTasks } from "../task/local_tasks.ts";
import { sourceHash } from "../task/source_hash.ts";
import { definitionOf } from "../task/task.ts";
import type { ByteReader } from "../wire/bytes.ts";
import { callMethod, construct } from "./actor_object.ts";
import { startLoadLimit } from "./load_limit.ts";

export type TaskFunction = (...args: unknown[]) => unknown;

interface Known {
  readonly address: TaskAddress;
  fn: TaskFunction | undefined;
}

type Load = (url: string) => Promise<Record<string, unknown>>;

/** The tasks that the pool has defined in this worker, by number, with their functions once loaded. */
export class FunctionLoader {
  readonly #known = new Map<number, Known>();
  readonly #load: Load;
  readonly #inProcess: (reference: number) => TaskFunction | undefined;
  /** The maximum time to load a module, in milliseconds. */
  limit: number = Infinity;

  /**
   * @param load loads a module.
   * @param here returns the function of a task that this thread already has.
   */
  constructor(load: Load = loadModule, inProcess: (reference: number) => TaskFunction | undefined = () => undefined) {
    // A module must not be loaded in the context of the task that happens to need it.
    this.#load = (url) => contexts.run(undefined, () => load(url));
    this.#inProcess = inProcess;
  }

  /** Reads the definition of a task. */
  define(reader: ByteReader): void {
    const reference = reader.u32();
    const address = readAddress(reader);
    const { method } = address;
    const fn = method === undefined ? this.#inProcess(reference) : callMethod(method);
    this.#known.set(reference, { address, fn });
  }

  /** Loads a module. */
  module(url: string): Promise<Record<string, unknown>> {
    return this.#load(url);
  }

  /** Returns the function of a task, or undefined if it is not loaded. */
  loaded(reference: number): TaskFunction | undefined {
    return this.#known.get(reference)?.fn;
  }

  /**
   * Loads the function of a task.
   *
   * @throws {Error} if the module does not load or has no such function; the message names module and export.
   * @throws {TimeoutError} if the module does not load in time; the message names it.
   */
  load(reference: number): Promise<TaskFunction> {
    return new Promise((resolve, reject) => {
      const { limit } = this;
      const stop = startLoadLimit(limit, () => {
        const { name, url } = this.#known.get(reference)!.address;
        reject(new TimeoutError(lateMessage(name, url, limit)));
      });
      this.#find(reference).finally(stop).then(resolve, reject);
    });
  }

  async #find(reference: number): Promise<TaskFunction> {
    const known = this.#known.get(reference);
    if (known === undefined) throw new RangeError(`Cannot run task ${reference}: the worker has no definition of it`);
    if (known.fn !== undefined) return known.fn;
    const fn = await findFunction(known.address, this.#load);
    return known.fn = known.address.constructs === true ? construct(fn) : fn;
  }
}

/** Makes the message of a module that takes too long to load. */
export function lateMessage(name: string, url: string, limit: number): string {
  return `Cannot start task '${name}': its module ${url} did not load in ${limit} ms (startTimeout)`;
}

/**
 * Finds the function of a task; loads its module if necessary.
 *
 * @throws {Error} if the module does not load or has no such function; the message names module and export.
 */
export async function findFunction(address: TaskAddress, load: Load): Promise<TaskFunction> {
  const { url, name, source, made, check } = address;
  if (source !== undefined) return compile(source);
  let module: Record<string, unknown>;
  try {
    module = await load(url);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // A missing guard of the main program is the caller's mistake, so it keeps its own class.
    const Failure = error instanceof InvalidStateError ? InvalidStateError : Error;
    throw new Failure(`Cannot load the module of task '${name}', ${url}: ${message}`, { cause: error });
  }
  const exported = typeof module[name] === "function" ? module[name] as TaskFunction : undefined;
  if (exported !== undefined && !made) return exported;
  const tasks = tasksNamed(address, module);
  const fn = pick(tasks, address, exported) ?? (tasks.length === 0 || check?.given === true ? exported : undefined);
  if (fn !== undefined) return fn;
  const exports = Object.keys(module).sort().join(", ") || "nothing";
  throw new TypeError(
    `Cannot find task '${name}' in ${url}: ${whyNot(tasks, address, module)}; the module exports ${exports}`,
  );
}

/**
 * Returns the tasks with a URL and a name: those made in this thread, and exports that another version of this library
 * made.
 */
function tasksNamed({ url, name }: TaskAddress, module: Record<string, unknown>): LocalTask[] {
  const tasks = localTasks(url, name);
  for (const value of Object.values(module)) {
    const definition = definitionOf(value);
    if (definition?.url !== url || definition.name !== name || definition.fn === undefined) continue;
    const { fn, place = 0 } = definition;
    if (!tasks.some((task) => task.fn === fn)) tasks.push({ fn, place });
  }
  return tasks;
}

/** Returns the task that an address identifies, or undefined if it is ambiguous. */
function pick(
  tasks: LocalTask[],
  { check }: TaskAddress,
  exported: TaskFunction | undefined,
): TaskFunction | undefined {
  let candidates = tasks;
  if (check !== undefined) {
    candidates = tasks.filter(({ fn }) => sourceHash(fn) === check.hash);
    if (candidates.length > 1) candidates = candidates.filter(({ place }) => place === check.place);
  } else if (tasks.length > 1) candidates = tasks.filter(({ fn }) => fn === exported);
  return candidates.length === 1 ? candidates[0]!.fn as TaskFunction : undefined;
}

function whyNot(tasks: LocalTask[], { name, made, check }: TaskAddress, module: Record<string, unknown>): string {
  if (tasks.length > 1) {
    return "a worker makes several tasks of this name: give each its own name, the third argument of task()";
  }
  if (tasks.length === 1 && check !== undefined) {
    return "the task of this name has another source text there: give each task its own name, the third argument of task()";
  }
  const exported = name in module ? "its export is not a function" : "there is no such export";
  return made ? `a worker makes no such task when it loads the module, and ${exported}` : exported;
}
