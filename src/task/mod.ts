/**
 * Tasks: functions that run in place, on a thread or in a process.
 *
 * |                                                                           |                                                                               |
 * | ------------------------------------------------------------------------- | ----------------------------------------------------------------------------- |
 * | `task(import.meta, fn)`                                                   | a function, known by its name in its module; it stays callable in place       |
 * | `tasksFrom<typeof import("./work.ts")>(import.meta.resolve("./work.ts"))` | typed handles to a module that only workers load                              |
 * | `inline((a: number) => a * 2)`                                            | a self-contained function, sent as source once per worker                     |
 * | `current()`                                                               | inside a task: `signal`, `progress(value)`, `attempt`, `workerId`, `executor` |
 * | `transfer(buffer)`                                                        | moves a buffer instead of copying it, as an argument or a result              |
 * | `registerError(Class)`                                                    | instances of an error class arrive as such; call it on both sides             |
 * | `isMainThread`                                                            | `false` in every worker: the guard of a program that is bundled               |
 *
 * A generic or overloaded task keeps its types when it is called in place. `submit` cannot choose an overload by the arguments, as
 * TypeScript does so only for plain functions: write `pool.submit(first<string>, words)`, or
 * `pool.submit(parse as Task<[string], number>, text)`.
 *
 * Workers import the module that holds a task. If that is the main module, put the code that opens pools
 * under `if (import.meta.main)`; otherwise the pool throws an error that says so, instead of starting workers without end.
 *
 * A program bundled into one file runs once its main code is under `if (isMainThread)`, as in `scripts/examples/bundle`. It may
 * be minified or split, by esbuild, rollup, vite, webpack, `bun build` (also with `--compile`) or `deno bundle`, and runs on all
 * three runtimes. A worker loads the bundle and finds each task in it, exported or not. The bundle has to be an ES module that
 * keeps `import.meta.url`: webpack needs `output.module` and `module.parser.javascript.importMeta: false`. Processes of a
 * compiled program are the program itself: they take no `execArgs`, and on Deno no `permissions`.
 *
 * Arguments and results are copied when they are submitted and returned: all values of structured clone, and errors with class
 * and cause. A value that cannot travel is refused with its path, the same for threads and processes:
 * `Cannot send args[1].options.onDone: a function cannot travel`. Instances of your own classes arrive as plain objects;
 * those whose class uses `this.#private` are refused.
 *
 * Task modules import `@heddle/heddle/task`, not the root: every worker loads what they import, and the root loads
 * all pools, locks and queues.
 *
 * ## Limits
 *
 * - Bundles are tested with `deno bundle` instead of `deno compile`, whose base binary is not an npm package. The processes of
 *   a compiled program are tested with a script in its place.
 * - A minified bundle keeps no names of functions, so a task may be called `anonymous#3` in messages.
 *
 * @module
 */

export { inline } from "./inline.ts";
export { isMainThread } from "./is_main_thread.ts";
export { registerError } from "./register_error.ts";
export { type MoreThan, type Task, task, type TaskOf } from "./task.ts";
export { type Tasks, tasksFrom } from "./tasks_from.ts";
export { current, type TaskContext } from "./current.ts";
export { type Movable, transfer } from "../wire/transfer.ts";
export { InvalidStateError, RemoteError } from "../core/errors.ts";
