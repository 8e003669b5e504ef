/**
 * What a running task can know of itself.
 *
 * @module
 */

import { BUNDLED } from "../core/bundled.ts";
import { sharedByCopies } from "../core/copy.ts";
import { InvalidStateError } from "../core/errors.ts";
import { importModule } from "../core/import_module.ts";
import { runtime } from "../runtime/mod.ts";
import type { ContextStore, WorkerScope } from "../runtime/types.ts";

/** What a task can ask while it runs. */
export interface TaskContext {
  /**
   * Fires when the task is aborted, its time is up, or the program is about to end. After an abort or a time limit the
   * future is rejected already, and what the task returns is dropped; after an interrupt of the program it may still return.
   */
  readonly signal: AbortSignal;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /** Tells the task from others of its executor; the same at every attempt. Of a cluster's task: from all others. */
  readonly id: string;
  /** A number that tells the workers of a pool apart; a replaced worker's successor has a new one. */
  readonly workerId: number;
  /** The name of the executor. */
  readonly executor: string;
  /** Reports progress to the future's `onProgress`. A value that cannot travel throws a DataCloneError. */
  progress(value: unknown): void;
}

/** Where tasks that never wait find their context, one after another, if one of its own would cost each more than it does. */
export class SharedContext {
  /** The context of the task that runs, or of the last that did. */
  context: TaskContext | undefined;
}

/** The context of the task that the running code belongs to, or where it is found. */
export const contexts: ContextStore<TaskContext | SharedContext | undefined> = sharedByCopies(
  "contexts",
  () => runtime.contextStore(),
);

/** The context in which a worker loads modules, and all that they leave behind. It belongs to no task. */
const LOADING: SharedContext = new SharedContext();

/** How many modules of tasks are being loaded in this worker. */
let loading = 0;

const scope: WorkerScope | undefined = runtime.worker;
// In a bundle this is the evaluation of the main program.
if (BUNDLED && scope?.loading === true) contexts.enterWith(LOADING);

/**
 * Returns the context of the task that calls it, or undefined outside of tasks. It follows `await` and callbacks. On Deno, what
 * a task leaves behind that itself never waits may find the context of another such task, which has ended as well.
 *
 * @example Ask which attempt this is
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { current, InlineExecutor, task } from "@heddle/heddle";
 *
 * const attempt = task(import.meta, function attempt(): number {
 *   return current()!.attempt;
 * });
 * assertEquals(current(), undefined);
 * assertEquals(await new InlineExecutor().submit(attempt), 1);
 * ```
 */
export function current(): TaskContext | undefined {
  const found = contexts.getStore();
  // Not by its class, which another copy of this library has as well.
  return found !== undefined && "context" in found ? found.context : found;
}

/** Loads a module of tasks; while it is evaluated, and in what that leaves behind, no pool may be opened. */
export async function loadModule(url: string): Promise<Record<string, unknown>> {
  loading++;
  try {
    return await contexts.run(LOADING, () => importModule(url));
  } finally {
    await forgetLoading();
    loading--;
  }
}

/** Makes callbacks of the host leave the context in which a module was loaded. */
export async function forgetLoading(): Promise<void> {
  await contexts.run(undefined, async () => await runtime.forgetContext?.());
}

/**
 * Tells whether a worker is loading a module; called by modules as they make their tasks. On Bun a module is not evaluated in
 * the async context of its import, but from this call on it is.
 */
export function noteLoading(): boolean {
  if (loading > 0 && contexts.getStore() === undefined) contexts.enterWith(LOADING);
  return loading > 0 || scope?.loading === true;
}

/**
 * Refuses to go on while a worker loads a module, and in what the module left behind then: every worker would open workers of
 * its own. In a program that is bundled into one file that module is the main program, and the pool is told at once, as the
 * program may do with the error what it likes.
 *
 * @throws {InvalidStateError} in that case.
 */
export function refuseWhileLoading(what: string): void {
  const store = contexts.getStore();
  if (store !== LOADING && (store !== undefined || (loading === 0 && scope?.loading !== true))) return;
  const error = new InvalidStateError(
    `Cannot open a ${what} while a worker loads this module: every worker would open one of its own. ` +
      `Put the main program under 'if (import.meta.main) { ... }', in a bundle under 'if (isMainThread) { ... }', ` +
      `or the tasks into a module of their own`,
  );
  if (scope?.loading === true) scope.refuse?.(error);
  throw error;
}
