/**
 * Carries the values of async contexts into tasks.
 *
 * @module
 */

import { show } from "../core/check.ts";
import { sharedByCopies } from "../core/copy.ts";

/** A store of async context, such as an `AsyncLocalStorage`. */
export interface CarriedStore<T> {
  /** Returns the value of the running code, or undefined if there is none. */
  getStore(): T | undefined;
  /** Runs a function with a value. */
  run<R>(value: T, fn: () => R): R;
}

/** The stores of this thread by name. */
const stores: Map<string, CarriedStore<unknown>> = sharedByCopies("carried", () => new Map());

/**
 * Carries a store's value into tasks: its value at the submit is its value in the task. Nested pools, retries, chains,
 * pipelines, `map`, blocking calls and other machines carry the value as well.
 *
 * Call it at the top level of a module that both sides load, such as the module of the tasks. Each side registers its
 * own store, and the name says which store receives the value. A name that the worker does not know is ignored. Values
 * are copied like arguments. A value that cannot be sent rejects the task with an error that names its path, such as
 * `carry.user.socket`.
 *
 * **Cost.** None while no store is registered. Otherwise one more argument for each submit within a store.
 *
 * @param name the name of the store, the same on both sides.
 * @param store the store, such as an `AsyncLocalStorage`.
 * @throws {TypeError} if another store has the name, or an argument has the wrong type.
 *
 * @example Log the user of a request in its tasks
 * ```ts
 * import { AsyncLocalStorage } from "node:async_hooks";
 * import { assertEquals } from "@std/assert";
 * import { carry, InlineExecutor, task } from "@heddle/heddle";
 *
 * const user = new AsyncLocalStorage<string>();
 * carry("user", user);
 *
 * const greet = task(import.meta, function greet(): string {
 *   return `Hello ${user.getStore()}`;
 * });
 * const executor = new InlineExecutor();
 * assertEquals(await user.run("Ada", () => executor.submit(greet)), "Hello Ada");
 * ```
 */
export function carry<T>(name: string, store: CarriedStore<T>): void {
  if (typeof name !== "string") {
    throw new TypeError(`Cannot carry a store as 'name' must be a string: current value is ${show(name)}`);
  }
  const { getStore, run } = (store ?? {}) as Partial<CarriedStore<T>>;
  if (typeof getStore !== "function" || typeof run !== "function") {
    throw new TypeError(
      `Cannot carry '${name}' as 'store' must have the methods getStore and run: current value is ${show(store)}`,
    );
  }
  const known = stores.get(name);
  if (known !== undefined && known !== store) {
    throw new TypeError(`Cannot carry '${name}': another store has this name`);
  }
  stores.set(name, store as CarriedStore<unknown>);
}

/** Returns the current values of the stores by name; undefined if there are none. */
export function carriedValues(): Record<string, unknown> | undefined {
  if (stores.size === 0) return undefined;
  let values: Record<string, unknown> | undefined;
  for (const [name, store] of stores) {
    const value = store.getStore();
    if (value !== undefined) (values ??= {})[name] = value;
  }
  return values;
}

/** Whether this thread has stores. */
export function carries(): boolean {
  return stores.size > 0;
}

/**
 * Runs a function with carried values. A store without a carried value is empty in the function: on Deno, host
 * callbacks keep the async context of an earlier task that imported a module.
 */
export function runCarried<R>(values: Readonly<Record<string, unknown>> | undefined, fn: () => R): R {
  let run = fn;
  for (const [name, store] of stores) {
    const value = values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
    const inner = run;
    if (store.getStore() !== value) run = () => store.run(value, inner);
  }
  return run();
}
