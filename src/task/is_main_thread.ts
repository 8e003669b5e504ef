/**
 * The guard of a main program.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";

/**
 * Whether this is the program itself: false in every thread and process that a program starts with this library.
 *
 * A worker loads the module that holds its task. If that is the main module, or if the program is bundled into one file, the
 * main program needs a guard, or else it would run in the worker, too. `import.meta.main` is the tempting one; in a bundle it
 * is not reliable, as bundlers replace it.
 *
 * @example A program that may be bundled
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inline, isMainThread, ThreadPoolExecutor } from "@heddle/heddle";
 *
 * if (isMainThread) {
 *   const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
 *   assertEquals(await pool.submit(inline((n: number) => n * n), 7), 49);
 *   await pool.shutdown();
 * }
 * ```
 */
export const isMainThread: boolean = runtime.worker === undefined;
