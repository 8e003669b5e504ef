/**
 * A managed namespace.
 *
 * @module
 */

import { Handover } from "../core/handover.ts";
import { printsAs } from "../core/inspect.ts";
import type { Task } from "../task/task.ts";
import { type Life, type Place, placeHere, registerManaged } from "./managed.ts";
import { mapCore } from "./managed_map.ts";

/** Access for the namespace under construction. */
const pending = new Handover<Place>();

/** Creates a namespace. */
export let makeNamespace: <T extends object>(life: Life, values: T) => ManagedNamespace<T>;

/**
 * Named values, each with its own type, that tasks, threads and processes use together. Created by
 * `Manager.namespace()`.
 *
 * Values are copied in both directions.
 *
 * **Order.** Changes of one name take effect in the order in which they reach the manager. **Cost.** Two copies, and a
 * round trip from another worker.
 *
 * @typeParam T the names and the types of their values.
 *
 * @example Share settings that workers can change
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Manager } from "@heddle/heddle/shared";
 *
 * const manager = new Manager();
 * const settings = manager.namespace({ verbose: false, level: 1 });
 * await settings.set("level", 2);
 * assertEquals([await settings.get("level"), await settings.get("verbose")], [2, false]);
 * await manager.shutdown();
 * ```
 */
export class ManagedNamespace<T extends object> {
  readonly #place: Place;

  static {
    const make = <T extends object>(place: Place) => pending.give(place, () => new ManagedNamespace<T>());
    makeNamespace = <T extends object>(life: Life, values: T) =>
      make<T>(placeHere(mapCore(Object.entries(values)), life));
    registerManaged<ManagedNamespace<object>>(this, "ManagedNamespace", import.meta.url, (names) => names.#place, make);
    printsAs(this, "ManagedNamespace", []);
  }

  /**
   * For internal use: call `namespace()` of a `Manager` instead.
   *
   * @throws {TypeError} always.
   */
  constructor() {
    const place = pending.take();
    if (place === undefined) {
      throw new TypeError("Cannot make a ManagedNamespace: call namespace() of a Manager instead");
    }
    this.#place = place;
  }

  /** Returns a copy of the value of a name. */
  get<K extends keyof T & string>(name: K): Promise<T[K]> {
    return this.#place.call("get", [name]) as Promise<T[K]>;
  }

  /** Sets the value of a name. */
  async set<K extends keyof T & string>(name: K, value: T[K]): Promise<void> {
    await this.#place.call("set", [name, value]);
  }

  /** Returns whether a name has a value. */
  has(name: string): Promise<boolean> {
    return this.#place.call("has", [name]) as Promise<boolean>;
  }

  /** Removes a name and its value; returns whether the name had a value. */
  delete(name: keyof T & string): Promise<boolean> {
    return this.#place.call("delete", [name]) as Promise<boolean>;
  }

  /** Returns the names in insertion order. */
  keys(): Promise<(keyof T & string)[]> {
    return this.#place.call("keys", []) as Promise<(keyof T & string)[]>;
  }

  /** Returns the names with copies of their values. */
  entries(): Promise<[keyof T & string, T[keyof T]][]> {
    return this.#place.call("entries", []) as Promise<[keyof T & string, T[keyof T]][]>;
  }

  /**
   * Replaces the value of a name with the result of a task. See `update` of a `ManagedMap`.
   *
   * @returns the new value.
   * @throws {TypeError} if `task` is not a task.
   * @throws what the task throws.
   */
  update<K extends keyof T & string, A extends unknown[]>(
    name: K,
    task: Task<[T[K], ...A], T[K] | Promise<T[K]>>,
    ...args: NoInfer<A>
  ): Promise<T[K]> {
    return this.#place.update(name, task, args) as Promise<T[K]>;
  }
}
