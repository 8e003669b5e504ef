/**
 * A place for objects that tasks, threads and processes use together.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import { Queue } from "../queue/queue.ts";
import { Event } from "../sync/event.ts";
import { Lock } from "../sync/lock.ts";
import { Semaphore } from "../sync/semaphore.ts";
import { guard } from "./guarded.ts";
import { checkLife, goneError } from "./managed.ts";
import { makeList, type ManagedList } from "./managed_list.ts";
import { makeMap, type ManagedMap } from "./managed_map.ts";
import { makeNamespace, type ManagedNamespace } from "./managed_namespace.ts";

/**
 * Makes objects that live where it was made and may be arguments of tasks, threads and processes, which all use the one
 * object: what memory is to threads, this is to processes.
 *
 * A worker reaches them through the channel it was started with; nothing listens on a network. The loop in which the manager
 * was made has to turn for them to answer. Once the manager is shut down, everything it made rejects what is asked of it.
 *
 * @example A dictionary that processes fill
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inline, ProcessPoolExecutor } from "@heddle/heddle";
 * import { type ManagedMap, Manager } from "@heddle/heddle/shared";
 *
 * const manager = new Manager();
 * const squares = manager.map<number, number>();
 * const fill = inline((squares: ManagedMap<number, number>, n: number) => squares.set(n, n * n));
 * const pool = new ProcessPoolExecutor({ maxWorkers: 1 });
 * await pool.starmap(fill, [[squares, 2], [squares, 3]]);
 * assertEquals(await squares.entries(), [[2, 4], [3, 9]]);
 * await pool.shutdown();
 * await manager.shutdown();
 * ```
 */
export class Manager implements AsyncDisposable {
  readonly #end = new AbortController();
  readonly #life = { gone: this.#end.signal };

  static {
    printsAs(this, "Manager", (manager) => ({ ended: manager.#end.signal.aborted }));
  }

  /** Makes a map. */
  map<K = string, V = unknown>(entries: Iterable<readonly [K, V]> = []): ManagedMap<K, V> {
    checkLife(this.#life);
    return makeMap(this.#life, entries);
  }

  /** Makes a list. */
  list<T = unknown>(items: Iterable<T> = []): ManagedList<T> {
    checkLife(this.#life);
    return makeList(this.#life, items);
  }

  /** Makes a namespace: values with names, each of its own type. */
  namespace<T extends object = Record<string, unknown>>(values: T = {} as T): ManagedNamespace<T> {
    checkLife(this.#life);
    return makeNamespace(this.#life, values);
  }

  /** Makes a queue that ends with the manager. */
  queue<T = unknown>(maxSize = 0): Queue<T> {
    checkLife(this.#life);
    return guard(new Queue<T>(maxSize), this.#life);
  }

  /** Makes a lock that ends with the manager. */
  lock(): Lock {
    checkLife(this.#life);
    return guard(new Lock(), this.#life);
  }

  /** Makes a semaphore that ends with the manager. */
  semaphore(value = 1): Semaphore {
    checkLife(this.#life);
    return guard(new Semaphore(value), this.#life);
  }

  /** Makes an event that ends with the manager. */
  event(): Event {
    checkLife(this.#life);
    return guard(new Event(), this.#life);
  }

  /** Ends all that it has made: who waits for any of it is told at once. Shutting down twice is harmless. */
  shutdown(): Promise<void> {
    if (!this.#end.signal.aborted) this.#end.abort(goneError());
    return Promise.resolve();
  }

  /** Shuts down. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}
