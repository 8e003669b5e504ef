/**
 * Tells the main program from its workers.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";

/**
 * Whether this is the main program: false in every thread and process that a program starts with this library.
 *
 * A worker loads the module that holds its task. If that is the main module, or if the program is bundled into one
 * file, the main program must be guarded, or it would run in the worker too. `import.meta.main` is the tempting guard;
 * bundlers replace it, so it is not reliable in a bundle.
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
