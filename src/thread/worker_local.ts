/**
 * Thread-local values.
 *
 * @module
 */

import { checkFunction } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import { disposeAtEnd, disposerOf } from "../worker/disposal.ts";

/**
 * Holds one value per thread, created on first use: a connection, a cache, a compiled pattern.
 *
 * Threads share no variables, so a variable at the top of a module is equivalent. A `WorkerLocal` states the intention
 * and creates the value late. Create the `WorkerLocal` at the top of the module that holds the tasks. All tasks of one
 * thread share its value, also concurrent ones. A disposable value is disposed of when its worker ends gracefully, within
 * the `grace` of its pool. For a value that follows a task through its awaits, use `AsyncLocalStorage`.
 *
 * @typeParam T the type of the value. Without `init` the value is initially undefined, so `T` should include that.
 *
 * @example Create a set on first use
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
  #forget: (() => void) | undefined;

  static {
    printsAs(this, "WorkerLocal", []);
  }

  /**
   * Creates a thread-local value.
   *
   * @param init creates the value on first use. If it throws, the next use calls it again.
   * @throws {TypeError} if `init` is not a function.
   */
  constructor(init: () => T = () => undefined as T) {
    checkFunction("Cannot make a WorkerLocal as 'init'", init);
    this.#init = init;
  }

  /** Returns this thread's value; creates the value if there is none. */
  get(): T {
    return (this.#held ??= this.#hold(this.#init())).value;
  }

  /** Replaces this thread's value. */
  set(value: T): void {
    this.#forget?.();
    this.#held = this.#hold(value);
  }

  /** Returns whether this thread has a value. */
  has(): boolean {
    return this.#held !== undefined;
  }

  /**
   * Deletes this thread's value; the next `get` creates a new one.
   *
   * @returns whether there was a value.
   */
  delete(): boolean {
    const had = this.has();
    this.#forget?.();
    this.#held = undefined;
    return had;
  }

  /** A disposable value is disposed of when its worker ends gracefully, unless it was replaced or deleted. */
  #hold(value: T): { value: T } {
    const dispose = disposerOf(value);
    this.#forget = dispose && disposeAtEnd(dispose);
    return { value };
  }
}
