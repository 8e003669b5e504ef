/**
 * Tasks: functions that run in place, on a thread or in a process.
 *
 * |                                                                           |                                                                               |
 * | ------------------------------------------------------------------------- | ----------------------------------------------------------------------------- |
 * | `task(import.meta, fn)`                                                   | makes a task of a function, which stays callable in place                     |
 * | `tasksFrom<typeof import("./work.ts")>(import.meta.resolve("./work.ts"))` | typed handles to the exports of a module that only workers load               |
 * | `inline((a: number) => a * 2)`                                            | a self-contained function, whose source is sent to each worker once           |
 * | `current()`                                                               | inside a task: `signal`, `progress(value)`, `attempt`, `workerId`, `executor` |
 * | `currentWorker()`                                                         | in a worker: its number, its kind and its name                                |
 * | `transfer(buffer)`                                                        | moves a buffer instead of copying it, as an argument or a result              |
 * | `carry("user", store)`                                                    | carries the value of an `AsyncLocalStorage` into tasks                        |
 * | `registerError(Class)`                                                    | keeps the class of an error across workers; call it on both sides             |
 * | `actor(import.meta, Class, "name")`                                       | a class whose objects live in a `ThreadActor` or a `ProcessActor`             |
 * | `isMainThread`                                                            | `false` in every worker: the guard of a bundled program                       |
 *
 * A generic or overloaded task keeps its types when it is called in place. TypeScript resolves overloads and type
 * parameters only for plain functions, not for `submit`. Write `pool.submit(first<string>, words)`, or
 * `pool.submit(parse as Task<[string], number>, text)`.
 *
 * Workers import the module that holds a task. If that is the main module, put the code that opens pools under
 * `if (import.meta.main)`. Otherwise the pool throws an error that names this guard, instead of starting workers
 * without end.
 *
 * A program bundled into one file runs if its main code is under `if (isMainThread)`, as in `scripts/examples/bundle`.
 * esbuild, rollup, vite, webpack, `bun build` (also with `--compile`) and `deno bundle` are supported, with or without
 * minification and code splitting, on all three runtimes. A worker loads the bundle and finds each task in it, exported
 * or not. The bundle must be an ES module that keeps `import.meta.url`: webpack needs `output.module` and
 * `module.parser.javascript.importMeta: false`. Processes of a compiled program run its executable: they take no
 * `execArgs`, and on Deno no `permissions`.
 *
 * Arguments are copied when they are submitted, and results when they are returned. All values of the structured clone
 * travel, and errors keep their class and cause. A value that cannot travel is rejected with its path, the same for
 * threads and processes: `Cannot send args[1].options.onDone: a function cannot travel`. Instances of your own classes
 * arrive as plain objects; instances of a class with `#private` members are rejected.
 *
 * Task modules should import `@heddle/heddle/task`, not the root. Every worker loads their imports, and the root loads
 * all pools, locks and queues.
 *
 * ## Limits
 *
 * - Bundles are tested with `deno bundle`, not with `deno compile`, whose base binary is not an npm package. The tests
 *   replace the executable of a compiled program with a script.
 * - A minified bundle keeps no function names, so messages may name a task `anonymous#3`.
 *
 * @module
 */

export { actor, type ActorClass, type ActorConstructor } from "./actor.ts";
export { type CarriedStore, carry } from "./carry.ts";
export { inline } from "./inline.ts";
export { isMainThread } from "./is_main_thread.ts";
export { registerError } from "./register_error.ts";
export { type MoreThan, type Task, task, type TaskOf } from "./task.ts";
export { type Tasks, tasksFrom } from "./tasks_from.ts";
export { current, type TaskContext } from "./current.ts";
export { type CurrentWorker, currentWorker } from "./current_worker.ts";
export { type Movable, transfer } from "../wire/transfer.ts";
export { InvalidStateError, RemoteError } from "../core/errors.ts";
