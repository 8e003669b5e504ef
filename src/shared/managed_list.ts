/**
 * A list that lives with a manager.
 *
 * @module
 */

import { checkInteger } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import type { Task } from "../task/task.ts";
import { changed, type Core, type Life, type Place, placeHere, registerManaged, Turns } from "./managed.ts";

/** Makes a list. */
export let makeList: <T>(life: Life, items: Iterable<T>) => ManagedList<T>;

/**
 * A list in one place, used from tasks, threads and processes. Its methods are those of an array, as calls that wait.
 *
 * Items go in and come out as copies. Made by `Manager.list()`.
 *
 * **Order.** Changes follow each other in the order in which they reach the manager; an item is read at once, even while an
 * update is in progress. **Cost.** That of the array's method, two copies and, from another worker, a message there and back.
 *
 * @typeParam T the items.
 *
 * @example Results of tasks in one list
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Manager } from "@heddle/heddle/shared";
 *
 * const manager = new Manager();
 * const list = manager.list(["a", "b"]);
 * assertEquals(await list.push("c"), 3);
 * assertEquals([await list.at(-1), await list.shift(), await list.slice()], ["c", "a", ["b", "c"]]);
 * await manager.shutdown();
 * ```
 */
export class ManagedList<T> {
  readonly #place: Place;

  static {
    const make = <T>(place: Place) => {
      pending = place;
      return new ManagedList<T>();
    };
    makeList = <T>(life: Life, items: Iterable<T>) => make<T>(placeHere(listCore([...items]), life));
    registerManaged<ManagedList<unknown>>(this, "ManagedList", import.meta.url, (list) => list.#place, make);
    printsAs(this, "ManagedList", []);
  }

  /**
   * Is not for users: a `Manager` makes lists.
   *
   * @throws {TypeError} always.
   */
  constructor() {
    if (pending === undefined) throw new TypeError("Cannot make a ManagedList: the list() of a Manager makes one");
    this.#place = pending;
    pending = undefined;
  }

  /** Returns a copy of an item; a negative index counts from the end; undefined if there is none. */
  at(index: number): Promise<T | undefined> {
    return this.#place.call("at", [index]) as Promise<T | undefined>;
  }

  /**
   * Puts an item in the place of another.
   *
   * @throws {RangeError} if there is none at the index.
   */
  async set(index: number, item: T): Promise<void> {
    await this.#place.call("set", [index, item]);
  }

  /** Adds items at the end; returns how many there are then. */
  push(...items: T[]): Promise<number> {
    return this.#place.call("push", items) as Promise<number>;
  }

  /** Takes the last item; undefined if there is none. */
  pop(): Promise<T | undefined> {
    return this.#place.call("pop", []) as Promise<T | undefined>;
  }

  /** Takes the first item; undefined if there is none. */
  shift(): Promise<T | undefined> {
    return this.#place.call("shift", []) as Promise<T | undefined>;
  }

  /** Adds items at the start; returns how many there are then. */
  unshift(...items: T[]): Promise<number> {
    return this.#place.call("unshift", items) as Promise<number>;
  }

  /** Removes items, puts others in their place, and returns those removed. */
  splice(start: number, count: number, ...items: T[]): Promise<T[]> {
    return this.#place.call("splice", [start, count, ...items]) as Promise<T[]>;
  }

  /** Returns copies of the items from one index up to another; of all without them. */
  slice(start?: number, end?: number): Promise<T[]> {
    return this.#place.call("slice", [start, end]) as Promise<T[]>;
  }

  /** Returns how many items there are. */
  size(): Promise<number> {
    return this.#place.call("size", []) as Promise<number>;
  }

  /**
   * Puts what a task makes of an item in its place; nothing else changes the list meanwhile.
   *
   * The task runs where the manager is, so it should be short; if it throws, the item stays.
   *
   * @param task gets the present item and the further arguments.
   * @returns the new item.
   * @throws {TypeError} if it is not a task.
   * @throws {RangeError} if there is no item at the index.
   * @throws what the task throws.
   */
  update<A extends unknown[]>(index: number, task: Task<[T, ...A], T | Promise<T>>, ...args: NoInfer<A>): Promise<T> {
    return this.#place.update(index, task, args) as Promise<T>;
  }
}

/** What the next list is made of. */
let pending: Place | undefined;

/** What a list does. One line for all its changes, as most of them move the items behind. */
function listCore<T>(list: T[]): Core {
  const turns = new Turns();
  const change = <R>(fn: () => R) => turns.run(undefined, fn);
  const place = (index: unknown) => {
    const what = "Cannot use an item of a list as 'index'";
    checkInteger(what, index, -list.length, Math.max(0, list.length - 1));
    if (list.length === 0) {
      throw new RangeError(`${what} must be that of an item, and there is none: current value is ${index}`);
    }
    return (index as number) < 0 ? (index as number) + list.length : index as number;
  };
  return {
    methods: {
      at: (index: number) => list.at(index),
      set: (index: number, item: T) => change(() => void (list[place(index)] = item)),
      push: (...items: T[]) => change(() => list.push(...items)),
      pop: () => change(() => list.pop()),
      shift: () => change(() => list.shift()),
      unshift: (...items: T[]) => change(() => list.unshift(...items)),
      splice: (start: number, count: number, ...items: T[]) => change(() => list.splice(start, count, ...items)),
      slice: (start?: number, end?: number) => list.slice(start, end),
      size: () => list.length,
    },
    takeBack: (method, [start], answer) => {
      if (method === "pop") list.push(answer as T);
      if (method === "shift") list.unshift(answer as T);
      if (method === "splice") list.splice(start as number, 0, ...answer as T[]);
    },
    update: (index, fn, args) =>
      change(async () => {
        const at = place(index);
        return list[at] = await changed(list[at]!, fn, args);
      }),
  };
}
