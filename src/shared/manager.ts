/**
 * A manager: creates objects that tasks, threads and processes use together.
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
 * Creates objects that live in the manager's event loop and can be arguments of tasks, threads and processes. All of
 * them use the same object: managers are to processes what shared memory is to threads.
 *
 * A worker reaches the objects through the channel it was started with; no network port is opened. The manager's event
 * loop must not be blocked, because it answers the calls. After the manager is shut down, every operation on its
 * objects rejects.
 *
 * @example Fill a map from several processes
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

  /** Creates a map. */
  map<K = string, V = unknown>(entries: Iterable<readonly [K, V]> = []): ManagedMap<K, V> {
    checkLife(this.#life);
    return makeMap(this.#life, entries);
  }

  /** Creates a list. */
  list<T = unknown>(items: Iterable<T> = []): ManagedList<T> {
    checkLife(this.#life);
    return makeList(this.#life, items);
  }

  /** Creates a namespace: named values, each with its own type. */
  namespace<T extends object = Record<string, unknown>>(values: T = {} as T): ManagedNamespace<T> {
    checkLife(this.#life);
    return makeNamespace(this.#life, values);
  }

  /** Creates a queue that ends with the manager. */
  queue<T = unknown>(maxSize = 0): Queue<T> {
    checkLife(this.#life);
    return guard(new Queue<T>(maxSize), this.#life);
  }

  /** Creates a lock that ends with the manager. */
  lock(): Lock {
    checkLife(this.#life);
    return guard(new Lock(), this.#life);
  }

  /** Creates a semaphore that ends with the manager. */
  semaphore(value = 1): Semaphore {
    checkLife(this.#life);
    return guard(new Semaphore(value), this.#life);
  }

  /** Creates an event that ends with the manager. */
  event(): Event {
    checkLife(this.#life);
    return guard(new Event(), this.#life);
  }

  /** Ends all objects of the manager: pending and later calls reject. Repeated calls are harmless. */
  shutdown(): Promise<void> {
    if (!this.#end.signal.aborted) this.#end.abort(goneError());
    return Promise.resolve();
  }

  /** Shuts the manager down. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}
