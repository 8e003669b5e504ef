/**
 * A map that lives with a manager.
 *
 * @module
 */

import { show } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import type { Task } from "../task/task.ts";
import { changed, type Core, type Life, type Place, placeHere, registerManaged, Turns } from "./managed.ts";

/** Makes a map. */
export let makeMap: <K, V>(life: Life, entries: Iterable<readonly [K, V]>) => ManagedMap<K, V>;

/**
 * A map in one place, used from tasks, threads and processes.
 *
 * Keys are primitive values, as objects would arrive as others. Values go in and come out as copies: change what is in the map
 * with `set` or `update`. Made by `Manager.map()`.
 *
 * **Order.** Changes of one key follow each other in the order in which they reach the manager; a value is read at once, even
 * while an update of it is in progress. **Cost.** Two copies and, from another worker, a message there and back.
 *
 * @typeParam K the keys.
 * @typeParam V the values.
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
    const make = <K, V>(place: Place) => {
      pending = place;
      return new ManagedMap<K, V>();
    };
    makeMap = <K, V>(life: Life, entries: Iterable<readonly [K, V]>) => make<K, V>(placeHere(mapCore(entries), life));
    registerManaged<ManagedMap<unknown, unknown>>(this, "ManagedMap", import.meta.url, (map) => map.#place, make);
    printsAs(this, "ManagedMap", []);
  }

  /**
   * Is not for users: a `Manager` makes maps.
   *
   * @throws {TypeError} always.
   */
  constructor() {
    if (pending === undefined) throw new TypeError("Cannot make a ManagedMap: the map() of a Manager makes one");
    this.#place = pending;
    pending = undefined;
  }

  /** Returns a copy of the value of a key; undefined if there is none. */
  get(key: K): Promise<V | undefined> {
    return this.#place.call("get", [key]) as Promise<V | undefined>;
  }

  /** Gives a key a value. */
  async set(key: K, value: V): Promise<void> {
    await this.#place.call("set", [key, value]);
  }

  /** Tells whether there is a value of a key. */
  has(key: K): Promise<boolean> {
    return this.#place.call("has", [key]) as Promise<boolean>;
  }

  /** Removes a key and its value; tells whether there was one. */
  delete(key: K): Promise<boolean> {
    return this.#place.call("delete", [key]) as Promise<boolean>;
  }

  /** Removes all keys. */
  async clear(): Promise<void> {
    await this.#place.call("clear", []);
  }

  /** Returns how many keys there are. */
  size(): Promise<number> {
    return this.#place.call("size", []) as Promise<number>;
  }

  /** Returns the keys, in the order in which they first came. */
  keys(): Promise<K[]> {
    return this.#place.call("keys", []) as Promise<K[]>;
  }

  /** Returns copies of the values, in the order of their keys. */
  values(): Promise<V[]> {
    return this.#place.call("values", []) as Promise<V[]>;
  }

  /** Returns copies of keys and values, in the order of the keys. */
  entries(): Promise<[K, V][]> {
    return this.#place.call("entries", []) as Promise<[K, V][]>;
  }

  /**
   * Puts what a task makes of the present value in its place; nothing else changes the key meanwhile.
   *
   * The task runs where the manager is, so it should be short; if it throws, the value stays.
   *
   * @param task gets the present value, undefined if there is none, and the further arguments.
   * @returns the new value.
   * @throws {TypeError} if it is not a task.
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

/** What the next map is made of. */
let pending: Place | undefined;

/** What a map does. */
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
    `Cannot use a map of a manager as 'key' must be a primitive value: current value is ${show(key)}`,
  );
}
