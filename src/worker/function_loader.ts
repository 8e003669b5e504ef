/**
 * Finds the functions of tasks.
 *
 * @module
 */

import { InvalidStateError } from "../core/errors.ts";
import { contexts, loadModule } from "../task/current.ts";
import { compile } from "../task/inline.ts";
import type { ByteReader } from "../wire/bytes.ts";

/** The function of a task. */
export type TaskFunction = (...args: unknown[]) => unknown;

interface Known {
  readonly url: string;
  readonly name: string;
  readonly source: string | undefined;
  fn: TaskFunction | undefined;
}

/** Loads a module. */
type Load = (url: string) => Promise<Record<string, unknown>>;

/** The tasks a worker was told of, by number, and their functions once they are loaded. */
export class FunctionLoader {
  readonly #known = new Map<number, Known>();
  readonly #load: Load;
  readonly #here: (reference: number) => TaskFunction | undefined;

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
    const url = reader.string();
    const name = reader.string();
    const source = reader.u8() === 1 ? reader.string() : undefined;
    this.#known.set(reference, { url, name, source, fn: this.#here(reference) });
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
   */
  async load(reference: number): Promise<TaskFunction> {
    const known = this.#known.get(reference);
    if (known === undefined) throw new RangeError(`Cannot run task ${reference}, as the worker was never told of it`);
    return known.fn ??= await findFunction(known, this.#load);
  }
}

/**
 * Finds the function of a task, and loads its module if it must.
 *
 * @throws {Error} naming module and export if there is no such function.
 */
export async function findFunction(
  { url, name, source }: Pick<Known, "url" | "name" | "source">,
  load: Load,
): Promise<TaskFunction> {
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
  const fn = module[name];
  if (typeof fn === "function") return fn as TaskFunction;
  const found = name in module ? "it is not a function there" : "there is no such export";
  const exports = Object.keys(module).sort().join(", ") || "nothing";
  throw new TypeError(`Cannot find task '${name}' in ${url}: ${found}; the module exports ${exports}`);
}
