/**
 * Memory that threads share, with atomic operations and locks; and managers, whose objects threads and processes use
 * together.
 *
 * `SharedMemory`, `SharedValue` and `SharedArray` are a block of bytes, a number and an array of numbers in shared
 * memory. Pass one to a thread as an argument: nothing is copied, so the cost does not depend on the size.
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
 * - `value`, `at(i)`, `set(i, v)`, `add` and `compareExchange` are atomic, for floats too. `add` and `compareExchange`
 *   return the previous value, as in `Atomics`. For compound operations use `lock`, which all threads share.
 * - `view` of an array and `bytes` of a block are the plain memory. This is the fastest way if each thread has its own
 *   part.
 * - Integers wrap around. These are errors: a fraction for an integer type, a number for a bigint type, an index out of
 *   range. `at` returns `undefined` for an index out of range.
 * - `compareExchange` treats NaN as equal to NaN and -0 as equal to 0, as `Array.includes` does.
 * - Processes share no memory: passing one of the three to a process is an error that names the path of the argument.
 *
 * A `Manager` holds objects for processes. Pass such an object as an argument, and all processes use the same one:
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
 * - The objects live in the event loop that made the manager. Workers reach them through the channel they were started
 *   with; no network port is opened. Each call is a round trip of about 20 to 100 us, and waits while that loop is
 *   busy.
 * - Values are copied in both directions. `update(key, task, ...args)` calls the task with the current value and stores
 *   its result atomically. The task runs in the manager's loop.
 * - After `manager.shutdown()`, all calls and all pending waits reject.
 * - A `SharedArrayBuffer` cannot be passed to another process.
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
