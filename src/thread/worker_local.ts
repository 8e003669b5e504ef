/**
 * Values of which each thread has its own.
 *
 * @module
 */

import { checkFunction } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";

/**
 * Holds one value per thread, made when that thread first asks for it: a connection, a cache, a compiled pattern.
 *
 * Threads share no variables, so one at the top of a module would do the same; this makes the intention plain and the
 * value late. Make it at the top of the module that holds the tasks. All tasks of one thread share its value, also
 * those that run there at the same time; for a value that follows a task through its awaits take `AsyncLocalStorage`.
 *
 * @typeParam T the value. Without `init` it begins as undefined, so `T` should then include that.
 *
 * @example A list that is made once
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { WorkerLocal } from "@heddle/heddle";
 *
 * const seen = new WorkerLocal(() => new Set<string>());
 * assert(!seen.has());
 * seen.get().add("tea");
 * assertEquals([...seen.get()], ["tea"]);
 * ```
 */
export class WorkerLocal<T> {
  readonly #init: () => T;
  #held: { value: T } | undefined;

  static {
    printsAs(this, "WorkerLocal", []);
  }

  /**
   * Makes a place for the value.
   *
   * @param init makes the value when it is first asked for. If it throws, it is asked again the next time.
   * @throws {TypeError} if `init` is not a function.
   */
  constructor(init: () => T = () => undefined as T) {
    checkFunction("Cannot make a WorkerLocal as 'init'", init);
    this.#init = init;
  }

  /** Returns this thread's value, and makes it first if there is none. */
  get(): T {
    return (this.#held ??= { value: this.#init() }).value;
  }

  /** Replaces this thread's value. */
  set(value: T): void {
    this.#held = { value };
  }

  /** Whether this thread has a value. */
  has(): boolean {
    return this.#held !== undefined;
  }

  /**
   * Forgets this thread's value; the next `get` makes a new one.
   *
   * @returns whether there was one.
   */
  delete(): boolean {
    const had = this.has();
    this.#held = undefined;
    return had;
  }
}
