/**
 * Named values that live with a manager.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import type { Task } from "../task/task.ts";
import { type Life, type Place, placeHere, registerManaged } from "./managed.ts";
import { mapCore } from "./managed_map.ts";

/** Makes a namespace. */
export let makeNamespace: <T extends object>(life: Life, values: T) => ManagedNamespace<T>;

/**
 * Named values in one place, each of its own type, used from tasks, threads and processes.
 *
 * Values go in and come out as copies. Made by `Manager.namespace()`.
 *
 * **Order.** Changes of one name follow each other in the order in which they reach the manager. **Cost.** Two copies and, from
 * another worker, a message there and back.
 *
 * @typeParam T the names and the types of their values.
 *
 * @example Settings that workers can change
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
    const make = <T extends object>(place: Place) => {
      pending = place;
      return new ManagedNamespace<T>();
    };
    makeNamespace = <T extends object>(life: Life, values: T) =>
      make<T>(placeHere(mapCore(Object.entries(values)), life));
    registerManaged<ManagedNamespace<object>>(this, "ManagedNamespace", import.meta.url, (names) => names.#place, make);
    printsAs(this, "ManagedNamespace", []);
  }

  /**
   * Is not for users: a `Manager` makes namespaces.
   *
   * @throws {TypeError} always.
   */
  constructor() {
    if (pending === undefined) {
      throw new TypeError("Cannot make a ManagedNamespace: the namespace() of a Manager makes one");
    }
    this.#place = pending;
    pending = undefined;
  }

  /** Returns a copy of the value of a name. */
  get<K extends keyof T & string>(name: K): Promise<T[K]> {
    return this.#place.call("get", [name]) as Promise<T[K]>;
  }

  /** Gives a name a value. */
  async set<K extends keyof T & string>(name: K, value: T[K]): Promise<void> {
    await this.#place.call("set", [name, value]);
  }

  /** Tells whether a name has a value. */
  has(name: string): Promise<boolean> {
    return this.#place.call("has", [name]) as Promise<boolean>;
  }

  /** Removes a name and its value; tells whether there was one. */
  delete(name: keyof T & string): Promise<boolean> {
    return this.#place.call("delete", [name]) as Promise<boolean>;
  }

  /** Returns the names, in the order in which they first came. */
  keys(): Promise<(keyof T & string)[]> {
    return this.#place.call("keys", []) as Promise<(keyof T & string)[]>;
  }

  /** Returns names and copies of their values. */
  entries(): Promise<[keyof T & string, T[keyof T]][]> {
    return this.#place.call("entries", []) as Promise<[keyof T & string, T[keyof T]][]>;
  }

  /**
   * Puts what a task makes of the present value in its place; see the `update` of a `ManagedMap`.
   *
   * @returns the new value.
   * @throws {TypeError} if it is not a task.
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

/** What the next namespace is made of. */
let pending: Place | undefined;
