/**
 * A process of one's own.
 *
 * @module
 */

import { checkOneOf } from "../core/check.ts";
import { pick, printsAs } from "../core/inspect.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import type { Future } from "../futures/future.ts";
import { checkProcessOptions, PROCESS_OPTIONS, type ProcessPoolOptions } from "../pool/options.ts";
import { startProcessWorker } from "../pool/process_worker.ts";
import { announcerOf, ExecutorTarget } from "../pool/events.ts";
import { Solo, SOLO_OPTIONS, type SoloOptions, type StartArguments } from "../pool/solo.ts";
import type { Task } from "../task/task.ts";
import { processChannel } from "../wire/process_link.ts";
import { ownProcess } from "../worker/identity.ts";
import { OutputStream } from "./output_stream.ts";

/** Options of a process. */
export interface ProcessOptions
  extends SoloOptions, Pick<ProcessPoolOptions, "env" | "cwd" | "execArgs" | "permissions"> {
  /**
   * Where its standard output goes: `"inherit"`, the default, to the program's own, in whole lines; `"pipe"` to the
   * `stdout` of this object.
   */
  stdout?: "inherit" | "pipe" | undefined;
  /** The same for its standard error. */
  stderr?: "inherit" | "pipe" | undefined;
}

const OPTIONS: OptionNames<ProcessOptions> = optionNames<ProcessOptions>({
  ...SOLO_OPTIONS,
  ...PROCESS_OPTIONS,
  stdout: true,
  stderr: true,
});

/** How a process ended. */
export interface ProcessExit {
  /** 0 if its task returned, 1 if it threw, or what it passed to `process.exit`; undefined if a signal ended it. */
  readonly exitCode: number | undefined;
  /** The name of the signal that ended it. */
  readonly signal: string | undefined;
}

/** The processes this thread has started that are alive, in the order of their start. */
export const started: Set<Process<unknown>> = new Set<Process<unknown>>();

/**
 * Runs one task in a process made for it, which ends with the task.
 *
 * The program does not end before its processes have, unless they are daemons: these end with the program, wherever they
 * are. No process outlives a program that was killed. On Deno it needs `--allow-run` and `--allow-env`.
 *
 * **Order.** Processes run side by side. **Cancellation.** `interrupt()` asks the task to end, `terminate()` and
 * `kill()` end it. **Cost.** A process of the runtime: some tens of milliseconds, and memory of its own.
 *
 * @typeParam R what the task returns.
 * @typeParam A what the task takes. Only the constructor looks at it: `Process<R>` names every process.
 *
 * @example Start, wait, look how it ended
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
  readonly #solo: Solo;
  readonly #start: ReturnType<typeof checkProcessOptions>;
  readonly #stdout: OutputStream | undefined;
  readonly #stderr: OutputStream | undefined;
  readonly #exited: Promise<ProcessExit>;

  static {
    printsAs(this, "Process", (child) => ({
      name: child.name,
      state: child.#solo.state,
      ...pick(child, ["pid", "exitCode", "signal", "daemon"]),
    }));
  }

  /**
   * Makes a process; `start` starts it.
   *
   * @param task what it runs.
   * @param rest the arguments, copied when it starts, and options; arguments may be left out if the task needs none.
   * @throws {TypeError} if it is not a task, or another argument is not valid.
   */
  constructor(task: Task<A, R | PromiseLike<R>>, ...rest: StartArguments<A, ProcessOptions>) {
    const [args = [], options = {}] = rest as [args?: unknown, options?: ProcessOptions];
    super();
    const what = "Cannot make a Process";
    this.#start = checkProcessOptions(what, options, OPTIONS);
    const { stdout = "inherit", stderr = "inherit" } = checkOptions(`${what} as 'options'`, options, OPTIONS);
    checkOneOf(`${what} as 'stdout'`, stdout, ["inherit", "pipe"]);
    checkOneOf(`${what} as 'stderr'`, stderr, ["inherit", "pipe"]);
    this.#solo = new Solo("Process", announcerOf(this), task, args, options, ownProcess().daemon, OPTIONS);
    if (stdout === "pipe") this.#stdout = new OutputStream();
    if (stderr === "pipe") this.#stderr = new OutputStream();
    this.#exited = this.#solo.ended.then(() => this.#gone());
  }

  /**
   * What becomes of the task; pending until the process was started. It settles shortly before the process is gone, and
   * with a `WorkerLostError` if the process dies first. An unobserved failure does not crash the
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

  /** The number the system gave it; undefined before it was started. */
  get pid(): number | undefined {
    return this.#solo.handle?.pid;
  }

  /** The same as `pid`. */
  get ident(): number | undefined {
    return this.pid;
  }

  /** What it is called. */
  get name(): string {
    return this.#solo.name;
  }

  /** Whether the program may end without waiting for it. A process inherits this from the one that makes it. */
  get daemon(): boolean {
    return this.#solo.daemon;
  }

  /**
   * 0 if the task returned, 1 if it threw, or what it passed to `process.exit`; undefined before the process is gone, and
   * if a signal ended it.
   */
  get exitCode(): number | undefined {
    if (this.alive) return undefined;
    const { exit, failed } = this.#solo;
    return exit?.code === 0 && failed ? 1 : exit?.code;
  }

  /** The name of the signal that ended it. */
  get signal(): string | undefined {
    return this.alive ? undefined : this.#solo.exit?.signal;
  }

  /** Fulfilled when it is gone, with how it ended; never rejected. */
  get exited(): Promise<ProcessExit> {
    return this.#exited;
  }

  /**
   * What it prints, in chunks as they come, with the option `stdout: "pipe"`; else undefined.
   *
   * What was not read yet is kept in this program's memory: a process never waits for its reader. Each chunk is read
   * once. The stream ends when the process is gone.
   */
  get stdout(): AsyncIterable<Uint8Array> | undefined {
    return this.#stdout;
  }

  /** The same for what it prints to its standard error. */
  get stderr(): AsyncIterable<Uint8Array> | undefined {
    return this.#stderr;
  }

  /**
   * Starts it. Arguments that cannot travel reject `result`, as does anything else that keeps it from running.
   *
   * @returns this process.
   * @throws {InvalidStateError} if it was started before, if its result was cancelled, or while a worker loads the
   * calling module.
   */
  start(): this {
    const { name, daemon, definition } = this.#solo;
    const takers = { stdout: takerOf(this.#stdout), stderr: takerOf(this.#stderr) };
    this.#solo.start(
      processChannel,
      (events) => startProcessWorker({ name, daemon }, { ...this.#start, modules: [definition.url] }, events, takers),
    );
    started.add(this);
    return this;
  }

  /**
   * Waits until it is gone, however its task ended. It can be joined again, and by many at once. The program waits for
   * as long as a join does, for daemons too.
   *
   * **Order.** All who join go on together. **Cancellation.** A wait that ends early leaves nothing behind, and the
   * process goes on. **Cost.** One promise.
   *
   * @throws {InvalidStateError} before it was started.
   * @throws {TimeoutError} if it is not gone in time; `timeout: 0` means now or never.
   * @throws the signal's reason if it is aborted.
   */
  async join(options?: WaitOptions): Promise<void> {
    await this.#solo.join(options);
  }

  /**
   * Asks the task to end: its `current().signal` fires with an `AbortError`, and the process gets a SIGINT, which by
   * itself ends nothing but is heard by listeners of the task's own. A task that returns soon has succeeded; one that
   * throws, or goes on for more than a second and is then killed, rejects `result` with that `AbortError`. It does
   * nothing to a process that is not alive.
   */
  interrupt(): void {
    if (!this.alive) return;
    this.#solo.interrupt(new DOMException(`${this.name} was interrupted`, "AbortError"));
    this.#solo.handle?.kill("SIGINT");
  }

  /**
   * Ends it with a SIGTERM; its result rejects with a `WorkerLostError`. A task that listens to SIGTERM decides itself
   * when to end. It does nothing to a process that is not alive.
   *
   * @returns a promise that is fulfilled when it is gone.
   */
  async terminate(): Promise<void> {
    await this.#solo.kill("SIGTERM");
  }

  /**
   * Ends it with a SIGKILL, which no task can refuse; its result rejects with a `WorkerLostError`. It does nothing to a
   * process that is not alive.
   *
   * @returns a promise that is fulfilled when it is gone.
   */
  async kill(): Promise<void> {
    await this.#solo.kill("SIGKILL");
  }

  /** Joins it, if it was started. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#solo.started) await this.join();
  }

  /** How a process is called where objects are printed. */
  get [Symbol.toStringTag](): string {
    return "Process";
  }

  #gone(): ProcessExit {
    started.delete(this);
    this.#stdout?.close();
    this.#stderr?.close();
    const { exitCode, signal } = this;
    return { exitCode, signal };
  }
}

function takerOf(stream: OutputStream | undefined): ((chunk: Uint8Array) => void) | undefined {
  return stream === undefined ? undefined : (chunk) => stream.push(chunk);
}
