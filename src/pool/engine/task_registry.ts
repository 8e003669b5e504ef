/**
 * The task registry of a pool.
 *
 * @module
 */

import type { Definition } from "../../task/task.ts";
import { TaskEntry } from "./task_entry.ts";

/** Assigns a number to each task of a pool. */
export class TaskRegistry {
  /** The definitions; the task with number n is at index n - 1. */
  readonly definitions: Definition[] = [];
  readonly #tasks = new Map<unknown, TaskEntry>();
  readonly #recognized = new WeakMap<Definition, TaskEntry>();
  readonly #inProcess: boolean;

  /**
   * @param here whether tasks run in this thread, where two functions with the same source are two tasks, as their
   * closures may differ.
   */
  constructor(inProcess: boolean) {
    this.#inProcess = inProcess;
  }

  /**
   * Returns the entry of a task. Equal tasks share one entry: a program may create the same inline task repeatedly.
   */
  known(definition: Definition): TaskEntry {
    let task = this.#recognized.get(definition);
    if (task !== undefined) return task;
    const { url, name, source, place = "" } = definition;
    const key = this.#inProcess ? definition : source ?? `${url}\n${name}\n${place}`;
    task = this.#tasks.get(key);
    if (task === undefined) {
      this.definitions.push(definition);
      this.#tasks.set(key, task = new TaskEntry(this.definitions.length, definition));
    }
    this.#recognized.set(definition, task);
    return task;
  }
}
