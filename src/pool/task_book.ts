/**
 * The task registry of a pool.
 *
 * @module
 */

import type { Definition } from "../task/task.ts";
import { KnownTask } from "./known_task.ts";

/** Assigns a number to each task of a pool. */
export class TaskBook {
  /** The definitions; the task with number n is at index n - 1. */
  readonly definitions: Definition[] = [];
  readonly #tasks = new Map<unknown, KnownTask>();
  readonly #recognized = new WeakMap<Definition, KnownTask>();
  readonly #here: boolean;

  /**
   * @param here whether tasks run in this thread, where two functions with the same source are two tasks, as their
   * closures may differ.
   */
  constructor(here: boolean) {
    this.#here = here;
  }

  /**
   * Returns the entry of a task. Equal tasks share one entry: a program may create the same inline task repeatedly.
   */
  known(definition: Definition): KnownTask {
    let task = this.#recognized.get(definition);
    if (task !== undefined) return task;
    const { url, name, source, place = "" } = definition;
    const key = this.#here ? definition : source ?? `${url}\n${name}\n${place}`;
    task = this.#tasks.get(key);
    if (task === undefined) {
      this.definitions.push(definition);
      this.#tasks.set(key, task = new KnownTask(this.definitions.length, definition));
    }
    this.#recognized.set(definition, task);
    return task;
  }
}
