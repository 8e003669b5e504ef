/**
 * Memory that several threads see: blocks of bytes, numbers and rows of numbers, with atomic operations and locks. And
 * managers, whose objects live in one place and are used from threads and processes.
 *
 * `SharedMemory`, `SharedValue` and `SharedArray` in `./shared` are memory that threads share: pass one as an argument. Nothing is copied,
 * so passing costs the same whatever the size.
 *
 * ```ts ignore
 * import { SharedArray, SharedValue, ThreadPoolExecutor } from "@heddle/heddle";
 * import { addUp } from "./tasks.ts"; // sum.add(numbers.view.subarray(from, to).reduce((a, b) => a + b))
 *
 * const numbers = new SharedArray("float64", 1_000_000); // "int8" to "uint32", "float32", "float64", "bigint64", "biguint64"
 * const sum = new SharedValue("float64", 0);
 * const pool = new ThreadPoolExecutor();
 * await pool.starmap(addUp, [[numbers, sum, 0, 500_000], [numbers, sum, 500_000, 1_000_000]]);
 * console.log(sum.value);
 * ```
 *
 * - `value`, `at(i)`, `set(i, v)`, `add` and `compareExchange` are one step each, for floats too. `add` and `compareExchange` return what
 *   was there before, as those of `Atomics` do. For more than one step there is `lock`, the same on all threads.
 * - `view` of an array and `bytes` of a block are the bare memory: the fast way where each thread has a part of its own.
 * - Integers wrap around. A fraction for an integer type, a number for a bigint or an index outside is an error; `at` outside is
 *   `undefined`.
 * - `compareExchange` treats NaN as equal to NaN and -0 as equal to 0, as `Array.includes` does.
 * - Processes share no memory here: there all three are refused, with the path to them.
 *
 * A `Manager` holds objects that processes share. They can be arguments as well, and every process uses the same object:
 *
 * ```ts ignore
 * import { Manager, ProcessPoolExecutor } from "@heddle/heddle";
 * import { plusOne, visit } from "./tasks.ts"; // await hits.update(page, plusOne)
 *
 * const manager = new Manager();
 * const hits = manager.map<string, number>(); // also list(), namespace(), queue(), lock(), semaphore(), event()
 * const pool = new ProcessPoolExecutor();
 * await pool.starmap(visit, pages.map((page) => [hits, page]));
 * console.log(await hits.entries());
 * ```
 *
 * - They live in the loop that made the manager and are reached through the channel a worker was started with: nothing listens on a
 *   network. Every call is a message there and back, some 20 to 100 us, and waits while that loop is busy.
 * - Values go in and come out as copies. `update(key, task, ...args)` calls the task with the present value and stores its result, in
 *   one atomic step; the task runs where the manager is.
 * - After `manager.shutdown()` every call rejects, and so does every pending wait.
 * - Memory cannot be shared between processes: a `SharedArrayBuffer` is refused there.
 *
 * @module
 */

export { InvalidStateError } from "../core/errors.ts";
export { ManagedList } from "./managed_list.ts";
export { ManagedMap } from "./managed_map.ts";
export { ManagedNamespace } from "./managed_namespace.ts";
export { Manager } from "./manager.ts";
export { SharedArray } from "./shared_array.ts";
export { SharedMemory, type SharedMemoryOptions } from "./shared_memory.ts";
export type { SharedItem, SharedType, SharedView, SharedViews } from "./types.ts";
export { SharedValue } from "./shared_value.ts";
