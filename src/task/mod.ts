/**
 * Tasks: functions that run in place, on a thread or in a process.
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
