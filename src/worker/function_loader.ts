/**
 * Finds the functions of tasks.
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
import { startLoadLimit } from "./load_limit.ts";

/** The function of a task. */
export type TaskFunction = (...args: unknown[]) => unknown;

interface Known {
  readonly address: TaskAddress;
  fn: TaskFunction | undefined;
}

/** Loads a module. */
type Load = (url: string) => Promise<Record<string, unknown>>;

/** The tasks a worker was told of, by number, and their functions once they are loaded. */
export class FunctionLoader {
  readonly #known = new Map<number, Known>();
  readonly #load: Load;
  readonly #here: (reference: number) => TaskFunction | undefined;
  /** How long a module may take to load, in milliseconds. */
  limit: number = Infinity;

  /**
   * @param load loads a module.
   * @param here returns the function of a task that is in this thread already.
   */
  constructor(load: Load = loadModule, here: (reference: number) => TaskFunction | undefined = () => undefined) {
    // A module belongs to no task, whatever ran before the one that needs it.
    this.#load = (url) => contexts.run(undefined, () => load(url));
    this.#here = here;
  }

  /** Takes the record of a task. */
  define(reader: ByteReader): void {
    const reference = reader.u32();
    this.#known.set(reference, { address: readAddress(reader), fn: this.#here(reference) });
  }

  /** Loads a module. */
  module(url: string): Promise<Record<string, unknown>> {
    return this.#load(url);
  }

  /** Returns the function of a task if it is loaded. */
  loaded(reference: number): TaskFunction | undefined {
    return this.#known.get(reference)?.fn;
  }

  /**
   * Loads the function of a task.
   *
   * @throws {Error} naming module and export if there is no such function.
   * @throws {TimeoutError} naming the module if that does not load in time.
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
    if (known === undefined) throw new RangeError(`Cannot run task ${reference}, as the worker was never told of it`);
    return known.fn ??= await findFunction(known.address, this.#load);
  }
}

/** Says that the module of a task takes too long to load. */
export function lateMessage(name: string, url: string, limit: number): string {
  return `Cannot start task '${name}': its module ${url} did not load in ${limit} ms (startTimeout)`;
}

/**
 * Finds the function of a task, and loads its module if it must.
 *
 * @throws {Error} naming module and export if there is no such function.
 */
export async function findFunction(address: TaskAddress, load: Load): Promise<TaskFunction> {
  const { url, name, source, made, check } = address;
  if (source !== undefined) return compile(source);
  let module: Record<string, unknown>;
  try {
    module = await load(url);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // The missing guard of a main program is the caller's mistake, and should be told from other failures.
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

/** The tasks with an address and a name: those made in this thread, and those that another version of this library made. */
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

/** Picks the one task that is meant. */
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
    return "its worker makes several tasks of this name: give each a name of its own, as the third argument of task()";
  }
  if (tasks.length === 1 && check !== undefined) {
    return "the task of this name has another source text there: give each a name of its own, as the third argument of task()";
  }
  const exported = name in module ? "it is not a function there" : "there is no such export";
  return made ? `a worker makes no such task when it loads the module, and ${exported}` : exported;
}
