/**
 * Registers the tasks that this thread has made, by URL and name.
 *
 * A worker uses it to find a task that its module does not export under its name. In a program bundled into one file,
 * all modules have the URL of the bundle, most exports are gone, and functions are renamed.
 *
 * @module
 */

import { sharedByCopies } from "../core/copy.ts";

type AnyFunction = (...args: never[]) => unknown;

/** A task that this thread has made. */
export interface LocalTask {
  readonly fn: AnyFunction;
  /** Its index among the tasks with the same URL and name. */
  readonly place: number;
}

/** The tasks of one URL and name. */
interface Entry {
  /** The number of tasks made, including those that were garbage-collected. */
  made: number;
  tasks: { readonly ref: WeakRef<AnyFunction>; readonly place: number }[];
  /** The length at which garbage-collected tasks are removed. */
  limit: number;
}

/** The tasks of one thread, shared by all copies of this library in it. */
interface Registry {
  readonly entries: Map<string, Entry>;
  /** Tasks that a worker made while it loaded a module. A task that is not exported has no other reference. */
  readonly kept: AnyFunction[];
}

const registry: Registry = sharedByCopies("tasks", () => ({ entries: new Map(), kept: [] }));

const FIRST_LIMIT = 32;

/**
 * Registers a task and returns its index among the tasks with the same URL and name.
 *
 * @param keep whether the task must be found for as long as this thread lives.
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

/** Returns the number of tasks made with a URL and a name. */
export function countLocalTasks(url: string, name: string): number {
  return registry.entries.get(keyOf(url, name))?.made ?? 0;
}

/** Returns a name for an unnamed function: its number among the module's unnamed tasks. */
export function nameByPlace(url: string): string {
  return `anonymous#${++entryOf(url, "").made}`;
}

/** Returns the tasks with a URL and a name. */
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
