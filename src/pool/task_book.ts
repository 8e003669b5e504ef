/**
 * The tasks a pool knows.
 *
 * @module
 */

import type { Definition } from "../task/task.ts";
import { KnownTask } from "./known_task.ts";

/** Gives each task of a pool a number. */
export class TaskBook {
  /** The task with the number n at place n - 1. */
  readonly definitions: Definition[] = [];
  readonly #tasks = new Map<unknown, KnownTask>();
  readonly #recognized = new WeakMap<Definition, KnownTask>();
  readonly #here: boolean;

  /**
   * @param here whether tasks run in this thread, where two functions with the same source are two tasks, as they may
   * see different things around them.
   */
  constructor(here: boolean) {
    this.#here = here;
  }

  /** Returns what is known of a task. Equal tasks are one: a program may make the same inline task again and again. */
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
