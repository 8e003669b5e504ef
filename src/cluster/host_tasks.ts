/**
 * The tasks that a host was given. Nothing else runs there, whatever the server holds.
 *
 * @module
 */

import { show } from "../core/check.ts";
import { type Definition, definitionOf } from "../task/task.ts";
import { type FindTask, sourceOf } from "./codec.ts";

/** The tasks of a host, by name. */
export class HostTasks {
  readonly #tasks = new Map<
    string,
    { readonly definition: Definition; readonly task: (...args: never[]) => unknown }
  >();

  /** @throws {TypeError} if there is no task, if two have the same name, or if one is inline. */
  constructor(what: string, given: unknown) {
    if (typeof given !== "object" || given === null) {
      throw new TypeError(`${what} must be a list of tasks, or a module of them: current value is ${show(given)}`);
    }
    const isList = Array.isArray(given);
    for (const value of Object.values(given) as unknown[]) {
      const definition = definitionOf(value);
      // A module may export other values.
      if (definition === undefined && !isList) continue;
      this.#add(what, value, definition);
    }
    if (this.#tasks.size === 0) throw new TypeError(`${what} must hold a task: there is none`);
  }

  /** The names of the tasks. */
  get names(): string[] {
    return [...this.#tasks.keys()];
  }

  /** Returns a task. */
  get(name: string): Definition | undefined {
    return this.#tasks.get(name)?.definition;
  }

  /** Finds the tasks in arguments. */
  readonly find: FindTask = ({ name }) => this.#tasks.get(name)?.task;

  #add(what: string, value: unknown, definition: Definition | undefined): void {
    if (definition === undefined) throw new TypeError(`${what} must hold tasks: one item is ${show(value)}`);
    const { name } = definition;
    if (sourceOf(definition) !== undefined) {
      throw new TypeError(`${what} must hold no inline task, which other machines do not know: '${name}' is one`);
    }
    const known = this.#tasks.get(name);
    if (known !== undefined && known.task !== value) {
      throw new TypeError(`${what} must hold tasks of different names: two are '${name}'`);
    }
    this.#tasks.set(name, { definition, task: value as (...args: never[]) => unknown });
  }
}
