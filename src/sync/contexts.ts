/**
 * Async contexts as owners of reentrant locks.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import type { ContextStore } from "../runtime/types.ts";
import { current, type TaskContext } from "../task/current.ts";

/** The context that `run` opens, possibly nested in another one. Each task also has a context. */
export interface Context {
  readonly number: number;
  readonly outer: Context | undefined;
  /** Whether the context is not nested in this thread's contexts: it belongs to a task or to another process. */
  readonly alone: boolean;
  /** The task in which the context was opened; undefined outside tasks. */
  readonly task: TaskContext | undefined;
}

let store: ContextStore<Context> | undefined;
let latest = 0;
const numbers = new WeakMap<object, number>();
const ofTasks = new WeakMap<TaskContext, Context>();

/**
 * The caller's context: the innermost one that `run` opened in this task, else the context of the task. Undefined
 * outside of both. A task submitted within `run` runs in the async context of its submitter, but does not own the
 * submitter's locks.
 */
export function innermostContext(): Context | undefined {
  const task = current();
  const opened = store?.getStore();
  if (opened !== undefined && opened.task === task) return opened;
  return task === undefined ? undefined : contextOf(task);
}

/**
 * The number by which another process knows the caller: that of the outermost context that `run` opened in this task,
 * else that of the task. 0 outside of both.
 */
export function currentContext(): number {
  let at = innermostContext();
  while (at?.outer !== undefined && isOpened(at.outer)) at = at.outer;
  return at?.number ?? 0;
}

/** Whether the caller is in a context that `run` opened. */
export function isInRun(): boolean {
  const context = innermostContext();
  return context !== undefined && isOpened(context);
}

/**
 * Whether a context is the one with this number or nested in it. Number 0 is the thread, which encloses everything
 * outside tasks.
 */
export function isWithin(context: Context | undefined, number: number): boolean {
  for (let at = context; at !== undefined; at = at.outer) {
    if (at.number === number) return true;
    if (at.alone) return false;
  }
  return number === 0;
}

/** Runs a function in a new context. */
export function inNewContext<R>(fn: () => R): R {
  store ??= runtime.contextStore<Context>();
  return store.run({ number: ++latest, outer: innermostContext(), alone: false, task: current() }, fn);
}

/** Runs a function in the context that belongs to an object. */
export function inContextOf<R>(owner: object, fn: () => R): R {
  store ??= runtime.contextStore<Context>();
  let number = numbers.get(owner);
  if (number === undefined) numbers.set(owner, number = ++latest);
  return store.run({ number, outer: undefined, alone: true, task: current() }, fn);
}

function contextOf(task: TaskContext): Context {
  let context = ofTasks.get(task);
  if (context === undefined) {
    context = { number: ++latest, outer: undefined, alone: true, task };
    ofTasks.set(task, context);
  }
  return context;
}

/** Whether `run` opened the context; false for the context of a task itself. */
function isOpened(context: Context): boolean {
  return context.task === undefined || ofTasks.get(context.task) !== context;
}
