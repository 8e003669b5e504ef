/**
 * The tasks that were made in this thread, by address and name.
 *
 * A worker finds here the task that its module does not export under its name: in a program that is bundled into one file all
 * modules have the address of the bundle, most exports are gone, and functions are renamed.
 *
 * @module
 */

import { sharedByCopies } from "../core/copy.ts";

/** A function. */
type AnyFunction = (...args: never[]) => unknown;

/** A task that was made in this thread. */
export interface LocalTask {
  readonly fn: AnyFunction;
  /** Its place in the order of the tasks with the same address and name. */
  readonly place: number;
}

/** The tasks of one address and name. */
interface Entry {
  /** How many were made, those that were collected included. */
  made: number;
  tasks: { readonly ref: WeakRef<AnyFunction>; readonly place: number }[];
  /** With this many tasks, look for those that were collected. */
  limit: number;
}

/** What a thread knows, for all copies of this library in it. */
interface Registry {
  readonly entries: Map<string, Entry>;
  /** The tasks that a worker made while it loaded a module. Nothing else may refer to one that is not exported. */
  readonly kept: AnyFunction[];
}

const registry: Registry = sharedByCopies("tasks", () => ({ entries: new Map(), kept: [] }));

const FIRST_LIMIT = 32;

/**
 * Adds a task and returns its place in the order of the tasks with its address and name.
 *
 * @param keep whether it may be asked for as long as this thread lives.
 */
export function addLocalTask(url: string, name: string, fn: AnyFunction, keep: boolean): number {
  const entry = entryOf(url, name);
  if (entry.tasks.length >= entry.limit) {
    entry.tasks = entry.tasks.filter(({ ref }) => ref.deref() !== undefined);
    entry.limit = Math.max(FIRST_LIMIT, 2 * entry.tasks.length);
  }
  const place = entry.made++;
  entry.tasks.push({ ref: new WeakRef(fn), place });
  if (keep) registry.kept.push(fn);
  return place;
}

/** Returns how many tasks were made under an address and a name. */
export function countLocalTasks(url: string, name: string): number {
  return registry.entries.get(keyOf(url, name))?.made ?? 0;
}

/** Returns a name for a function that has none: its place in the order in which the module made such tasks. */
export function nameByPlace(url: string): string {
  return `anonymous#${++entryOf(url, "").made}`;
}

/** Returns the tasks of an address and a name. */
export function localTasks(url: string, name: string): LocalTask[] {
  const found: LocalTask[] = [];
  for (const { ref, place } of registry.entries.get(keyOf(url, name))?.tasks ?? []) {
    const fn = ref.deref();
    if (fn !== undefined) found.push({ fn, place });
  }
  return found;
}

function entryOf(url: string, name: string): Entry {
  const key = keyOf(url, name);
  let entry = registry.entries.get(key);
  if (entry === undefined) registry.entries.set(key, entry = { made: 0, tasks: [], limit: FIRST_LIMIT });
  return entry;
}

function keyOf(url: string, name: string): string {
  return `${url}\n${name}`;
}
