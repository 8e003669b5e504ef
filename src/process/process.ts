/**
 * A process that runs one task.
 *
 * @module
 */

import { pick, printsAs } from "../core/inspect.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import type { Future } from "../futures/future.ts";
import { checkProcessOptions, PROCESS_OPTIONS, type ProcessPoolOptions } from "../pool/options.ts";
import { startProcessWorker } from "../pool/workers/process_worker.ts";
import { announcerOf, ExecutorTarget } from "../pool/events.ts";
import { SingleWorker } from "../pool/workers/single_worker.ts";
import {
  SINGLE_WORKER_OPTIONS,
  type SingleWorkerOptions,
  type StartArguments,
} from "../pool/workers/single_worker_options.ts";
import type { Task } from "../task/task.ts";
import { processChannel } from "../wire/process_link.ts";
import { ownProcess } from "../worker/identity.ts";
import { type OutputOptions, PipedOutput } from "./piped_output.ts";

/** Options of a process. */
export interface ProcessOptions
  extends SingleWorkerOptions, OutputOptions, Pick<ProcessPoolOptions, "env" | "cwd" | "execArgs" | "permissions"> {}

const OPTIONS: OptionNames<ProcessOptions> = optionNames<ProcessOptions>({
  ...SINGLE_WORKER_OPTIONS,
  ...PROCESS_OPTIONS,
  stdout: true,
  stderr: true,
});

/** How a process ended. */
export interface ProcessExit {
  /**
   * 0 if the task returned, 1 if it threw, or the argument of `process.exit`; undefined if a signal ended the process.
   */
  readonly exitCode: number | undefined;
  /** The name of the signal that ended the process. */
  readonly signal: string | undefined;
}

/** The living processes that this thread has started, in order of their start. */
export const started: Set<Process<unknown>> = new Set<Process<unknown>>();

/**
 * Runs one task in a new process, which ends with the task.
 *
 * The program waits for its processes, except for daemons, which end with the program. If the program is killed, its
 * processes end, too. On Deno, processes need `--allow-run` and `--allow-env`.
 *
 * **Order.** Processes run concurrently. **Cancellation.** `interrupt()` asks the task to end; `terminate()` and
 * `kill()` end the process. **Cost.** Starting a process takes some tens of milliseconds, and each process has memory
 * of its own.
 *
 * @typeParam R the type of the task's result.
 * @typeParam A the types of the task's arguments. Only the constructor uses them: `Process<R>` fits every process.
 *
 * @example Start a process and read its exit
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inline, Process } from "@heddle/heddle";
 *
 * const process = new Process(inline((n: number) => n * n), [12]).start();
 * assertEquals(await process.result, 144);
 * assertEquals(await process.exited, { exitCode: 0, signal: undefined });
 * ```
 */
// deno-lint-ignore no-explicit-any -- a class that extends Process<R> passes on a task that may take anything
export class Process<R, A extends unknown[] = any[]> extends ExecutorTarget<"unobserved"> implements AsyncDisposable {
  readonly #singleWorker: SingleWorker;
  readonly #start: ReturnType<typeof checkProcessOptions>;
  readonly #output: PipedOutput;
  readonly #exited: Promise<ProcessExit>;

  static {
    printsAs(this, "Process", (child) => ({
      name: child.name,
      state: child.#singleWorker.state,
      ...pick(child, ["pid", "exitCode", "signal", "daemon"]),
    }));
  }

  /**
   * Creates a process; `start` starts it.
   *
   * @param task the task to run.
   * @param rest the arguments, which are copied at the start, and the options. The arguments may be omitted if the task
   * needs none.
   * @throws {TypeError} if `task` is not a task, or another argument is invalid.
   */
  constructor(task: Task<A, R | PromiseLike<R>>, ...rest: StartArguments<A, ProcessOptions>) {
    const [args = [], options = {}] = rest as [args?: unknown, options?: ProcessOptions];
    super();
    const what = "Cannot make a Process";
    this.#start = checkProcessOptions(what, options, OPTIONS);
    this.#output = new PipedOutput(what, checkOptions(`${what} as 'options'`, options, OPTIONS));
    this.#singleWorker = new SingleWorker(
      "Process",
      announcerOf(this),
      task,
      args,
      options,
      ownProcess().daemon,
      OPTIONS,
    );
    this.#exited = this.#singleWorker.ended.then(() => this.#gone());
  }

  /**
   * The result of the task; pending before the start. It settles shortly before the process ends, with a
   * `WorkerLostError` if the process dies first. An unobserved failure does not crash the program: it is reported as an
   * `unobserved` event, or printed if there is no listener. Awaiting the result of a daemon does not keep the program
   * alive; joining the daemon does.
   */
  get result(): Future<R> {
    return this.#singleWorker.result as Future<R>;
  }

  /** Whether the process was started and has not ended. The value may be stale when it is read. */
  get alive(): boolean {
    return this.#singleWorker.alive;
  }

  /** The process id; undefined before the start. */
  get pid(): number | undefined {
    return this.#singleWorker.handle?.pid;
  }

  /** The same as `pid`. */
  get ident(): number | undefined {
    return this.pid;
  }

  /** The name of the process. */
  get name(): string {
    return this.#singleWorker.name;
  }

  /** Whether the program may end without waiting for the process. Inherited from the process that creates it. */
  get daemon(): boolean {
    return this.#singleWorker.daemon;
  }

  /**
   * 0 if the task returned, 1 if it threw, or the argument of `process.exit`; undefined before the process has ended,
   * and if a signal ended it.
   */
  get exitCode(): number | undefined {
    if (this.alive) return undefined;
    const { exit, failed } = this.#singleWorker;
    return exit?.code === 0 && failed ? 1 : exit?.code;
  }

  /** The name of the signal that ended the process. */
  get signal(): string | undefined {
    return this.alive ? undefined : this.#singleWorker.exit?.signal;
  }

  /** A promise that resolves with the process's exit when the process has ended; it never rejects. */
  get exited(): Promise<ProcessExit> {
    return this.#exited;
  }

  /**
   * The standard output as chunks of bytes, with the option `stdout: "pipe"`; undefined otherwise.
   *
   * Unread chunks are buffered in this program's memory: a process never waits for its reader. Each chunk is read once.
   * The stream ends when the process has ended.
   */
  get stdout(): AsyncIterable<Uint8Array> | undefined {
    return this.#output.stdout;
  }

  /** The standard error, as for `stdout`. */
  get stderr(): AsyncIterable<Uint8Array> | undefined {
    return this.#output.stderr;
  }

  /**
   * Starts the process. If the arguments cannot travel, or the process cannot run, `result` rejects.
   *
   * @returns this process.
   * @throws {InvalidStateError} if the process was started before, if its result was cancelled, or while a worker loads
   * the calling module.
   */
  start(): this {
    const { name, daemon, definition } = this.#singleWorker;
    const { takers } = this.#output;
    this.#singleWorker.start(
      processChannel,
      (events) => startProcessWorker({ name, daemon }, { ...this.#start, modules: [definition.url] }, events, takers),
    );
    started.add(this);
    return this;
  }

  /**
   * Waits until the process has ended, whatever the outcome of its task. A process can be joined repeatedly and by
   * several callers. A pending join keeps the program alive, also for a daemon.
   *
   * **Order.** All joiners continue together. **Cancellation.** A wait that ends early leaves nothing behind, and the
   * process continues. **Cost.** One promise.
   *
   * @throws {InvalidStateError} before the start.
   * @throws {TimeoutError} if the process does not end in time; with `timeout: 0`, if it has not ended yet.
   * @throws the signal's reason if the signal is aborted.
   */
  async join(options?: WaitOptions): Promise<void> {
    await this.#singleWorker.join(options);
  }

  /**
   * Asks the task to end. `current().signal` is aborted with an `AbortError`, and the process receives SIGINT, which
   * only the task's own listeners handle. If the task returns within a second, it has succeeded. If the task throws, or
   * runs longer and is killed, `result` rejects with that `AbortError`. Has no effect on a process that is not alive.
   */
  interrupt(): void {
    if (!this.alive) return;
    this.#singleWorker.interrupt(new DOMException(`${this.name} was interrupted`, "AbortError"));
    this.#singleWorker.handle?.kill("SIGINT");
  }

  /**
   * Ends the process with SIGTERM; `result` rejects with a `WorkerLostError`. A task that listens for SIGTERM decides
   * itself when to end. Has no effect on a process that is not alive.
   *
   * @returns a promise that resolves when the process has ended.
   */
  async terminate(): Promise<void> {
    await this.#singleWorker.kill("SIGTERM");
  }

  /**
   * Ends the process with SIGKILL, which a task cannot catch; `result` rejects with a `WorkerLostError`. Has no effect
   * on a process that is not alive.
   *
   * @returns a promise that resolves when the process has ended.
   */
  async kill(): Promise<void> {
    await this.#singleWorker.kill("SIGKILL");
  }

  /** Joins the process if it was started. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#singleWorker.started) await this.join();
  }

  /** The name of the class for printing. */
  get [Symbol.toStringTag](): string {
    return "Process";
  }

  #gone(): ProcessExit {
    started.delete(this);
    this.#output.close();
    const { exitCode, signal } = this;
    return { exitCode, signal };
  }
}
