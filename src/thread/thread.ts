/**
 * A thread of one's own.
 *
 * @module
 */

import { pick, printsAs } from "../core/inspect.ts";
import { type OptionNames, optionNames } from "../core/options.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import type { Future } from "../futures/future.ts";
import { announcerOf, ExecutorTarget } from "../pool/events.ts";
import { Solo, SOLO_OPTIONS, type SoloOptions, type StartArguments } from "../pool/solo.ts";
import { startThreadWorker } from "../pool/thread_worker.ts";
import { runtime } from "../runtime/mod.ts";
import type { Task } from "../task/task.ts";
import { threadChannel } from "../wire/thread_link.ts";
import { ownThread } from "../worker/identity.ts";

/** Options of a thread. */
export interface ThreadOptions extends SoloOptions {}

const OPTIONS: OptionNames<ThreadOptions> = optionNames<ThreadOptions>(SOLO_OPTIONS);

/** The threads this thread has started that are alive, in the order of their start. */
export const started: Set<Thread<unknown>> = new Set<Thread<unknown>>();

/**
 * Runs one task on a thread made for it, which ends with the task.
 *
 * The program does not end before its threads have, unless they are daemons: these end with the program, wherever they
 * are. Where many tasks are to run, a `ThreadPoolExecutor` saves the start of a thread for each.
 *
 * **Order.** Threads run side by side. **Cancellation.** `result.abort()` fires the task's signal and ends the thread if
 * it has not ended a second later; `terminate()` ends it at once. **Cost.** A thread of the runtime: some ten
 * milliseconds, and memory of its own.
 *
 * @typeParam R what the task returns.
 * @typeParam A what the task takes. Only the constructor looks at it: `Thread<R>` names every thread.
 *
 * @example Start, look, join
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
  readonly #solo: Solo;

  static {
    printsAs(this, "Thread", (thread) => ({
      name: thread.name,
      state: thread.#solo.state,
      ...pick(thread, ["ident", "daemon"]),
    }));
  }

  /**
   * Makes a thread; `start` starts it.
   *
   * @param task what it runs.
   * @param rest the arguments, copied when it starts, and options; arguments may be left out if the task needs none.
   * @throws {TypeError} if it is not a task, or another argument is not valid.
   */
  constructor(task: Task<A, R | PromiseLike<R>>, ...rest: StartArguments<A, ThreadOptions>) {
    const [args = [], options = {}] = rest as [args?: unknown, options?: ThreadOptions];
    super();
    this.#solo = new Solo("Thread", announcerOf(this), task, args, options, ownThread().daemon, OPTIONS);
  }

  /**
   * What becomes of the task; pending until the thread was started. It settles shortly before the thread is gone, and
   * with a `WorkerLostError` if the thread dies first. An unobserved failure does not crash the
   * program: it is announced as an `unobserved` event, or printed if there is no listener. To wait for the
   * result of a daemon does not keep the program; to join the daemon does.
   */
  get result(): Future<R> {
    return this.#solo.result as Future<R>;
  }

  /** Whether it was started and is not gone. Stale when read. */
  get alive(): boolean {
    return this.#solo.alive;
  }

  /** Its number among the threads of this process, from 2 on; undefined before it was started. */
  get ident(): number | undefined {
    return this.#solo.handle?.ident;
  }

  /** What it is called. */
  get name(): string {
    return this.#solo.name;
  }

  /** Whether the program may end without waiting for it. A thread inherits this from the one that makes it. */
  get daemon(): boolean {
    return this.#solo.daemon;
  }

  /**
   * Starts it. Arguments that cannot travel reject `result`, as does anything else that keeps it from running.
   *
   * @returns this thread.
   * @throws {InvalidStateError} if it was started before, if its result was cancelled, or while a worker loads the
   * calling module.
   */
  start(): this {
    this.#solo.start(
      threadChannel(runtime.movesBuffers),
      (events) => startThreadWorker({ name: this.name, daemon: this.daemon }, events),
    );
    started.add(this);
    void this.#solo.ended.then(() => started.delete(this));
    return this;
  }

  /**
   * Waits until it is gone, however its task ended. It can be joined again, and by many at once. The program waits for
   * as long as a join does, for daemons too.
   *
   * **Order.** All who join go on together. **Cancellation.** A wait that ends early leaves nothing behind, and the
   * thread goes on. **Cost.** One promise.
   *
   * @throws {InvalidStateError} before it was started, and in the thread itself.
   * @throws {TimeoutError} if it is not gone in time; `timeout: 0` means now or never.
   * @throws the signal's reason if it is aborted.
   */
  async join(options?: WaitOptions): Promise<void> {
    await this.#solo.join(options);
  }

  /**
   * Ends it now, in the middle of whatever it does; its result rejects with a `WorkerLostError`. It does nothing to a
   * thread that is not alive.
   *
   * On Deno a thread that computes without a pause cannot be stopped: it counts as gone and goes on. There, give work
   * that must be stoppable to a `Process`.
   *
   * @returns a promise that is fulfilled when it is gone.
   */
  async terminate(): Promise<void> {
    await this.#solo.kill();
  }

  /** Joins it, if it was started. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#solo.started) await this.join();
  }

  /** How a thread is called where objects are printed. */
  get [Symbol.toStringTag](): string {
    return "Thread";
  }
}
