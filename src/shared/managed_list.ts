/**
 * A managed list.
 *
 * @module
 */

import { Handover } from "../core/handover.ts";
import { checkInteger } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import type { Task } from "../task/task.ts";
import { changed, type Core, type Life, type Place, placeHere, registerManaged, Turns } from "./managed.ts";

/** Access for the list under construction. */
const pending = new Handover<Place>();

/** Creates a list. */
export let makeList: <T>(life: Life, items: Iterable<T>) => ManagedList<T>;

/**
 * A list that tasks, threads and processes use together. Its methods are those of an array, but asynchronous. Created
 * by `Manager.list()`.
 *
 * Items are copied in both directions.
 *
 * **Order.** Changes take effect in the order in which they reach the manager. Items can be read while an update is in
 * progress. **Cost.** The cost of the array method, two copies, and a round trip from another worker.
 *
 * @typeParam T the type of the items.
 *
 * @example Use a list
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
    const make = <T>(place: Place) => pending.give(place, () => new ManagedList<T>());
    makeList = <T>(life: Life, items: Iterable<T>) => make<T>(placeHere(listCore([...items]), life));
    registerManaged<ManagedList<unknown>>(this, "ManagedList", import.meta.url, (list) => list.#place, make);
    printsAs(this, "ManagedList", []);
  }

  /**
   * For internal use: call `list()` of a `Manager` instead.
   *
   * @throws {TypeError} always.
   */
  constructor() {
    const place = pending.take();
    if (place === undefined) throw new TypeError("Cannot make a ManagedList: call list() of a Manager instead");
    this.#place = place;
  }

  /** Returns a copy of an item. A negative index counts from the end; undefined if the index is out of range. */
  at(index: number): Promise<T | undefined> {
    return this.#place.call("at", [index]) as Promise<T | undefined>;
  }

  /**
   * Replaces an item.
   *
   * @throws {RangeError} if the index is out of range.
   */
  async set(index: number, item: T): Promise<void> {
    await this.#place.call("set", [index, item]);
  }

  /** Adds items at the end; returns the new length. */
  push(...items: T[]): Promise<number> {
    return this.#place.call("push", items) as Promise<number>;
  }

  /** Removes and returns the last item; undefined if the list is empty. */
  pop(): Promise<T | undefined> {
    return this.#place.call("pop", []) as Promise<T | undefined>;
  }

  /** Removes and returns the first item; undefined if the list is empty. */
  shift(): Promise<T | undefined> {
    return this.#place.call("shift", []) as Promise<T | undefined>;
  }

  /** Adds items at the start; returns the new length. */
  unshift(...items: T[]): Promise<number> {
    return this.#place.call("unshift", items) as Promise<number>;
  }

  /** Removes items, inserts others in their place, and returns the removed items. */
  splice(start: number, count: number, ...items: T[]): Promise<T[]> {
    return this.#place.call("splice", [start, count, ...items]) as Promise<T[]>;
  }

  /** Returns copies of the items from `start` up to, but not including, `end`; by default of all items. */
  slice(start?: number, end?: number): Promise<T[]> {
    return this.#place.call("slice", [start, end]) as Promise<T[]>;
  }

  /** Returns the number of items. */
  size(): Promise<number> {
    return this.#place.call("size", []) as Promise<number>;
  }

  /**
   * Replaces an item with the result of a task. No other change of the list happens in between.
   *
   * The task runs in the manager's event loop, so it should be short. If the task throws, the item stays unchanged.
   *
   * @param task is called with the current item and the further arguments.
   * @returns the new item.
   * @throws {TypeError} if `task` is not a task.
   * @throws {RangeError} if the index is out of range.
   * @throws what the task throws.
   */
  update<A extends unknown[]>(index: number, task: Task<[T, ...A], T | Promise<T>>, ...args: NoInfer<A>): Promise<T> {
    return this.#place.update(index, task, args) as Promise<T>;
  }
}

/** The implementation of a list. All changes are serialized together, because most of them move later items. */
function listCore<T>(list: T[]): Core {
  const turns = new Turns();
  const change = <R>(fn: () => R) => turns.run(undefined, fn);
  const place = (index: unknown) => {
    const what = "Cannot use an item of a list as 'index'";
    checkInteger(what, index, -list.length, Math.max(0, list.length - 1));
    if (list.length === 0) {
      throw new RangeError(`Cannot use an item of a list: the list is empty (index is ${index})`);
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
