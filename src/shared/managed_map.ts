/**
 * A managed map.
 *
 * @module
 */

import { Handover } from "../core/handover.ts";
import { show } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import type { Task } from "../task/task.ts";
import { changed, type Core, type Life, type Place, placeHere, registerManaged, Turns } from "./managed.ts";

/** Access for the map under construction. */
const pending = new Handover<Place>();

/** Creates a map. */
export let makeMap: <K, V>(life: Life, entries: Iterable<readonly [K, V]>) => ManagedMap<K, V>;

/**
 * A map that tasks, threads and processes use together. Created by `Manager.map()`.
 *
 * Keys are primitive values, because an object would arrive as a different object. Values are copied in both
 * directions: change a value in the map with `set` or `update`.
 *
 * **Order.** Changes of one key take effect in the order in which they reach the manager. Values can be read while an
 * update is in progress. **Cost.** Two copies, and a round trip from another worker.
 *
 * @typeParam K the type of the keys.
 * @typeParam V the type of the values.
 *
 * @example Count words in tasks
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inline } from "@heddle/heddle/task";
 * import { ThreadPoolExecutor } from "@heddle/heddle/pool";
 * import { type ManagedMap, Manager } from "@heddle/heddle/shared";
 *
 * const plusOne = inline((n: number | undefined) => (n ?? 0) + 1);
 * const manager = new Manager();
 * const counts = manager.map<string, number>();
 * for (const word of ["a", "b", "a"]) await counts.update(word, plusOne);
 * const look = inline((counts: ManagedMap<string, number>) => counts.get("a"));
 * const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
 * assertEquals(await pool.submit(look, counts), 2);
 * await pool.shutdown();
 * await manager.shutdown();
 * ```
 */
export class ManagedMap<K, V> {
  readonly #place: Place;

  static {
    const make = <K, V>(place: Place) => pending.give(place, () => new ManagedMap<K, V>());
    makeMap = <K, V>(life: Life, entries: Iterable<readonly [K, V]>) => make<K, V>(placeHere(mapCore(entries), life));
    registerManaged<ManagedMap<unknown, unknown>>(this, "ManagedMap", import.meta.url, (map) => map.#place, make);
    printsAs(this, "ManagedMap", []);
  }

  /**
   * For internal use: call `map()` of a `Manager` instead.
   *
   * @throws {TypeError} always.
   */
  constructor() {
    const place = pending.take();
    if (place === undefined) throw new TypeError("Cannot make a ManagedMap: call map() of a Manager instead");
    this.#place = place;
  }

  /** Returns a copy of the value of a key; undefined if the key is missing. */
  get(key: K): Promise<V | undefined> {
    return this.#place.call("get", [key]) as Promise<V | undefined>;
  }

  /** Sets the value of a key. */
  async set(key: K, value: V): Promise<void> {
    await this.#place.call("set", [key, value]);
  }

  /** Returns whether the map has a key. */
  has(key: K): Promise<boolean> {
    return this.#place.call("has", [key]) as Promise<boolean>;
  }

  /** Removes a key and its value; returns whether the map had the key. */
  delete(key: K): Promise<boolean> {
    return this.#place.call("delete", [key]) as Promise<boolean>;
  }

  /** Removes all keys. */
  async clear(): Promise<void> {
    await this.#place.call("clear", []);
  }

  /** Returns the number of keys. */
  size(): Promise<number> {
    return this.#place.call("size", []) as Promise<number>;
  }

  /** Returns the keys in insertion order. */
  keys(): Promise<K[]> {
    return this.#place.call("keys", []) as Promise<K[]>;
  }

  /** Returns copies of the values, in the order of their keys. */
  values(): Promise<V[]> {
    return this.#place.call("values", []) as Promise<V[]>;
  }

  /** Returns the entries with copies of the values, in the order of the keys. */
  entries(): Promise<[K, V][]> {
    return this.#place.call("entries", []) as Promise<[K, V][]>;
  }

  /**
   * Replaces the value of a key with the result of a task. No other `set`, `delete` or `update` of the key happens in
   * between.
   *
   * The task runs in the manager's event loop, so it should be short. If the task throws, the value stays unchanged.
   *
   * @param task is called with the current value, or undefined if the key is missing, and the further arguments.
   * @returns the new value.
   * @throws {TypeError} if `task` is not a task.
   * @throws what the task throws.
   */
  update<A extends unknown[]>(
    key: K,
    task: Task<[V | undefined, ...A], V | Promise<V>>,
    ...args: NoInfer<A>
  ): Promise<V> {
    return this.#place.update(key, task, args) as Promise<V>;
  }
}

/** The implementation of a map. */
export function mapCore<K, V>(given: Iterable<readonly [K, V]>): Core {
  const map = new Map<K, V>();
  const turns = new Turns();
  const set = (key: K, value: V) => void map.set(checkKey(key), value);
  for (const [key, value] of given) set(key, value);
  return {
    methods: {
      get: (key: K) => map.get(checkKey(key)),
      set: (key: K, value: V) => turns.run(checkKey(key), () => set(key, value)),
      has: (key: K) => map.has(checkKey(key)),
      delete: (key: K) => turns.run(checkKey(key), () => map.delete(key)),
      clear: () => map.clear(),
      size: () => map.size,
      keys: () => [...map.keys()],
      values: () => [...map.values()],
      entries: () => [...map],
    },
    update: (key, fn, args) =>
      turns.run(checkKey(key), async () => {
        const value = await changed<unknown>(map.get(key as K), fn, args) as V;
        map.set(key as K, value);
        return value;
      }),
  };
}

function checkKey<K>(key: K): K {
  if ((typeof key !== "object" || key === null) && typeof key !== "function" && typeof key !== "symbol") return key;
  throw new TypeError(
    `Cannot use a managed map as 'key' must be a primitive value: current value is ${show(key)}`,
  );
}
