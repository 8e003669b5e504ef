/**
 * The context of the running task, and the guard against pools opened while a worker loads a module.
 *
 * @module
 */

import { BUNDLED } from "../core/bundled.ts";
import { sharedByCopies } from "../core/copy.ts";
import { InvalidStateError } from "../core/errors.ts";
import { importModule } from "../core/import_module.ts";
import { runtime } from "../runtime/mod.ts";
import type { ContextStore, WorkerScope } from "../runtime/types.ts";

/** The context of a running task. */
export interface TaskContext {
  /**
   * Fires when the task is aborted, its timeout expires, or the program is about to end. After an abort or a timeout
   * the future is already rejected, and the task's result is dropped. After an interrupt of the program the task may
   * still return a result.
   */
  readonly signal: AbortSignal;
  /** The number of this attempt, from 1. */
  readonly attempt: number;
  /**
   * Identifies the task within its executor; the id of a cluster task is globally unique. All attempts have the same id.
   */
  readonly id: string;
  /** The number of the worker within its pool. The replacement of a lost worker has a new number. */
  readonly workerId: number;
  /** The name of the executor. */
  readonly executor: string;
  /**
   * Reports progress to the future's `onProgress`.
   *
   * @throws {DataCloneError} if the value cannot travel.
   */
  progress(value: unknown): void;
}

/**
 * A mutable context that tasks without an `await` share one after another. Entering an async context for each would
 * cost more than such a task itself.
 */
export class SharedContext {
  /** The context of the running task, or of the last one. */
  context: TaskContext | undefined;
}

/** The async context of the running code: a task's own context, or a shared one. */
export const contexts: ContextStore<TaskContext | SharedContext | undefined> = sharedByCopies(
  "contexts",
  () => runtime.contextStore(),
);

/**
 * The async context in which a worker loads modules. Callbacks that a module leaves behind stay in this context, which
 * belongs to no task.
 */
const LOADING: SharedContext = new SharedContext();

/** The number of task modules that this worker is loading. */
let loading = 0;

const scope: WorkerScope | undefined = runtime.worker;
// In a bundle, this line runs while the main program is evaluated.
if (BUNDLED && scope?.loading === true) contexts.enterWith(LOADING);

/**
 * Returns the context of the task that calls it, or undefined outside of tasks.
 *
 * The context follows `await` and callbacks. On Deno, a callback that a synchronous task leaves behind may see the
 * context of a later synchronous task, which has ended as well.
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
  // `instanceof` is the tempting test, but another copy of this library has its own class.
  return found !== undefined && "context" in found ? found.context : found;
}

/**
 * Loads a task module. No pool may be opened while the module is evaluated, nor from callbacks that it leaves behind.
 */
export async function loadModule(url: string): Promise<Record<string, unknown>> {
  loading++;
  try {
    return await contexts.run(LOADING, () => importModule(url));
  } finally {
    await forgetLoading();
    loading--;
  }
}

/** Makes the host's callbacks leave the async context in which a module was loaded. */
export async function forgetLoading(): Promise<void> {
  await contexts.run(undefined, async () => await runtime.forgetContext?.());
}

/**
 * Returns whether a worker is loading a module. Modules call it through `task()`. Bun does not evaluate a module in the
 * async context of its import; this call enters that context.
 */
export function noteLoading(): boolean {
  if (loading > 0 && contexts.getStore() === undefined) contexts.enterWith(LOADING);
  return loading > 0 || scope?.loading === true;
}

/**
 * Throws while a worker loads a module, and in callbacks that the module left behind: every worker would open workers
 * of its own.
 *
 * In a program that is bundled into one file, that module is the main program, which might swallow the error. The
 * worker therefore also reports the error to the pool directly.
 *
 * @throws {InvalidStateError} if this code belongs to a module load.
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
