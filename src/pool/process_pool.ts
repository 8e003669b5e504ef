/**
 * The process pool.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import type { ShutdownOptions, SubmitOptions } from "../futures/executor.ts";
import { current } from "../task/current.ts";
import { requireDefinition, type Task, task } from "../task/task.ts";
import { processChannel } from "../wire/process_link.ts";
import {
  checkPoolOptions,
  checkProcessOptions,
  type InitializerOptions,
  PROCESS_POOL_NAMES,
  type ProcessPoolOptions,
} from "./options.ts";
import type { Engine } from "./engine/engine.ts";
import { takerOf } from "./workers/output_taker.ts";
import { engineOf, picturePool, PoolBase, type WorkerPool } from "./pool_base.ts";
import { ProcessCalls } from "./engine/process_calls.ts";
import { startProcessWorker } from "./workers/process_worker.ts";
import type { Submission } from "./engine/submission.ts";
import type { Call } from "../worker/call.ts";

/**
 * Runs tasks in processes. Each process has its own memory and can be stopped at any time on every runtime.
 *
 * On Deno it needs `--allow-run` for the runtime and `--allow-env`.
 *
 * @example Compute in a process
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inline, ProcessPoolExecutor } from "@heddle/heddle";
 *
 * const pool = new ProcessPoolExecutor({ maxWorkers: 1 });
 * const greet = inline((name: string) => `Hello, ${name}`);
 * assertEquals(await pool.submit(greet, "Ada"), "Hello, Ada");
 * await pool.shutdown();
 * ```
 */
export interface ProcessPoolExecutor extends WorkerPool {}

/** The constructor of {@linkcode ProcessPoolExecutor}. */
export interface ProcessPoolExecutorConstructor {
  /**
   * Opens a pool. Workers start on demand.
   *
   * @typeParam A the parameters of the initializer, which `initArgs` must match.
   * @throws {TypeError | RangeError} if an option is not valid.
   * @throws {InvalidStateError} while a worker loads the calling module.
   */
  new <A extends unknown[] = []>(options?: ProcessPoolOptions & InitializerOptions<A>): ProcessPoolExecutor;
  /** The prototype of all process pools. */
  readonly prototype: ProcessPoolExecutor;
}

/** Opens a process pool; see the type of the same name. */
export const ProcessPoolExecutor: ProcessPoolExecutorConstructor = class ProcessPoolExecutor extends PoolBase {
  static {
    printsAs(this, "ProcessPoolExecutor", picturePool);
  }

  readonly #options: ProcessPoolOptions;
  #calls: ProcessCalls | undefined;

  /** Opens a pool. Workers start on demand. */
  constructor(options: ProcessPoolOptions = {}) {
    const settings = checkPoolOptions("ProcessPoolExecutor", options, PROCESS_POOL_NAMES);
    const start = checkProcessOptions("Cannot open a ProcessPoolExecutor", options, PROCESS_POOL_NAMES);
    const { output } = options;
    super(settings, processChannel, (id, events, tasks) => {
      const named = { name: `${settings.name} ${id}`, daemon: false };
      const taker = takerOf(output, id);
      const takers = taker && {
        stdout: (chunk: Uint8Array) => taker(1, chunk.slice()),
        stderr: (chunk: Uint8Array) => taker(2, chunk.slice()),
      };
      return startProcessWorker(named, { ...start, modules: tasks.map((task) => task.url) }, events, takers);
    });
    this.#options = options;
  }

  /** Also ends the helper thread of blocking calls, and its process. */
  override async shutdown(options: ShutdownOptions = {}): Promise<void> {
    const ended = super.shutdown(options);
    await Promise.all([ended, this.#calls?.shutdown()]);
  }

  /** Also ends the helper thread of blocking calls, and its process. */
  override async terminate(): Promise<void> {
    const ended = super.terminate();
    await Promise.all([ended, this.#calls?.terminate()]);
  }

  /** Has the helper thread run the task. */
  protected override callBlocking(engine: Engine, task: unknown, { args, options }: Submission): unknown {
    engine.requireGoing();
    options.signal?.throwIfAborted();
    this.#calls ??= new ProcessCalls(this.name, this.#options, callInProcess);
    return this.#calls.call(task as Task<unknown[], unknown>, args, options);
  }
};

/** The pool that this helper thread owns. */
let held: ProcessPoolExecutor | undefined;

/** Runs a task in the process of this helper thread; see {@linkcode ProcessCalls}. */
export const callInProcess: Task<unknown[], PromiseLike<unknown>> = task(
  import.meta,
  function callInProcess(...given: unknown[]): PromiseLike<unknown> {
    const [target, options, limits] = given.slice(-3) as [Task<unknown[], unknown>, ProcessPoolOptions, SubmitOptions];
    held ??= new ProcessPoolExecutor(options as object);
    return engineOf(held)!.submit({
      definition: requireDefinition(target),
      args: given.slice(0, -3),
      options: Object.assign(Object.create(null), limits),
      items: undefined,
      caller: undefined,
      // This thread has no stores: the values are for those of the process.
      carried: (current() as Call).carried,
    }).future;
  },
  "heddle.callInProcess",
);
