/**
 * A thread that runs one task.
 *
 * @module
 */

import { pick, printsAs } from "../core/inspect.ts";
import { type OptionNames, optionNames } from "../core/options.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import type { Future } from "../futures/future.ts";
import { announcerOf, ExecutorTarget } from "../pool/events.ts";
import { SingleWorker } from "../pool/workers/single_worker.ts";
import {
  SINGLE_WORKER_OPTIONS,
  type SingleWorkerOptions,
  type StartArguments,
} from "../pool/workers/single_worker_options.ts";
import { startThreadWorker } from "../pool/workers/thread_worker.ts";
import { runtime } from "../runtime/mod.ts";
import type { Task } from "../task/task.ts";
import { threadChannel } from "../wire/thread_link.ts";
import { ownThread } from "../worker/identity.ts";

/** Options of a thread. */
export interface ThreadOptions extends SingleWorkerOptions {}

const OPTIONS: OptionNames<ThreadOptions> = optionNames<ThreadOptions>(SINGLE_WORKER_OPTIONS);

/** The living threads that this thread has started, in order of their start. */
export const started: Set<Thread<unknown>> = new Set<Thread<unknown>>();

/**
 * Runs one task on a new thread, which ends with the task.
 *
 * The program waits for its threads, except for daemons, which end with the program. For many tasks use a
 * `ThreadPoolExecutor`, which starts its threads only once.
 *
 * **Order.** Threads run concurrently. **Cancellation.** `result.abort()` aborts the task's signal, and terminates the
 * thread if it still runs one second later. `terminate()` ends the thread immediately. **Cost.** Starting a thread
 * takes about 10 ms, and each thread has memory of its own.
 *
 * @typeParam R the type of the task's result.
 * @typeParam A the types of the task's arguments. Only the constructor uses them: `Thread<R>` fits every thread.
 *
 * @example Start and join a thread
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { inline, Thread } from "@heddle/heddle";
 *
 * const thread = new Thread(inline((n: number) => n * n), [12], { name: "squarer" }).start();
 * assert(thread.alive);
 * assertEquals(await thread.result, 144);
 * await thread.join();
 * assert(!thread.alive);
 * ```
 */
// deno-lint-ignore no-explicit-any -- a class that extends Thread<R> passes on a task that may take anything
export class Thread<R, A extends unknown[] = any[]> extends ExecutorTarget<"unobserved"> implements AsyncDisposable {
  readonly #singleWorker: SingleWorker;

  static {
    printsAs(this, "Thread", (thread) => ({
      name: thread.name,
      state: thread.#singleWorker.state,
      ...pick(thread, ["ident", "daemon"]),
    }));
  }

  /**
   * Creates a thread; `start` starts it.
   *
   * @param task the task to run.
   * @param rest the arguments, which are copied at the start, and the options. The arguments may be omitted if the task
   * needs none.
   * @throws {TypeError} if `task` is not a task, or another argument is invalid.
   */
  constructor(task: Task<A, R | PromiseLike<R>>, ...rest: StartArguments<A, ThreadOptions>) {
    const [args = [], options = {}] = rest as [args?: unknown, options?: ThreadOptions];
    super();
    this.#singleWorker = new SingleWorker(
      "Thread",
      announcerOf(this),
      task,
      args,
      options,
      ownThread().daemon,
      OPTIONS,
    );
  }

  /**
   * The result of the task; pending before the start. It settles shortly before the thread ends, with a
   * `WorkerLostError` if the thread dies first. An unobserved failure does not crash the program: it is reported as an
   * `unobserved` event, or printed if there is no listener. Awaiting the result of a daemon does not keep the program
   * alive; joining the daemon does.
   */
  get result(): Future<R> {
    return this.#singleWorker.result as Future<R>;
  }

  /** Whether the thread was started and has not ended. The value may be stale when it is read. */
  get alive(): boolean {
    return this.#singleWorker.alive;
  }

  /** The thread's number within this process, from 2 on; undefined before the start. */
  get ident(): number | undefined {
    return this.#singleWorker.handle?.ident;
  }

  /** The thread's name. */
  get name(): string {
    return this.#singleWorker.name;
  }

  /** Whether the program may end without waiting for the thread. Inherited from the thread that creates it. */
  get daemon(): boolean {
    return this.#singleWorker.daemon;
  }

  /**
   * Starts the thread. If the arguments cannot travel, or the thread cannot run, `result` rejects.
   *
   * @returns this thread.
   * @throws {InvalidStateError} if the thread was started before, if its result was cancelled, or while a worker loads
   * the calling module.
   */
  start(): this {
    this.#singleWorker.start(
      threadChannel(runtime.movesBuffers),
      (events) => startThreadWorker({ name: this.name, daemon: this.daemon }, events),
    );
    started.add(this);
    void this.#singleWorker.ended.then(() => started.delete(this));
    return this;
  }

  /**
   * Waits until the thread has ended, whatever the outcome of its task. A thread can be joined repeatedly and by
   * several callers. A pending join keeps the program alive, also for a daemon.
   *
   * **Order.** All joiners continue together. **Cancellation.** A wait that ends early leaves nothing behind, and the
   * thread continues. **Cost.** One promise.
   *
   * @throws {InvalidStateError} before the start, and in the thread itself.
   * @throws {TimeoutError} if the thread does not end in time; with `timeout: 0`, if it has not ended yet.
   * @throws the signal's reason if the signal is aborted.
   */
  async join(options?: WaitOptions): Promise<void> {
    await this.#singleWorker.join(options);
  }

  /**
   * Stops the thread in the middle of its task; `result` rejects with a `WorkerLostError`. Has no effect on a thread
   * that is not alive.
   *
   * On Deno, a thread that computes without pause cannot be stopped: it counts as ended but continues. Run work that
   * must be stoppable in a `Process` there.
   *
   * @returns a promise that resolves when the thread has ended.
   */
  async terminate(): Promise<void> {
    await this.#singleWorker.kill();
  }

  /** Joins the thread if it was started. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#singleWorker.started) await this.join();
  }

  /** The name of the class for printing. */
  get [Symbol.toStringTag](): string {
    return "Thread";
  }
}
