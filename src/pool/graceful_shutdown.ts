/**
 * A tidy end on Ctrl-C.
 *
 * @module
 */

import { checkDuration, checkOneOf, show } from "../core/check.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import type { Executor } from "../futures/executor.ts";
import { runtime } from "../runtime/mod.ts";
import type { StopSignal } from "../runtime/types.ts";
import { startTimer } from "../time/system_clock.ts";
import { engineOf } from "./pool_base.ts";

/** How long tasks may take to end if nothing else is said, in milliseconds. */
const DEADLINE = 10_000;

/** The numbers of signals: a program that one of them ends has 128 more as its exit code. */
const NUMBERS: Record<StopSignal, number> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15, SIGBREAK: 21 };

/** How to end. */
export interface GracefulShutdownOptions {
  /** The signals to end on; `SIGINT`, which is Ctrl-C, and `SIGTERM` if left out. */
  signals?: readonly StopSignal[] | undefined;
  /** Milliseconds between the first signal and the end of the program, whatever it still does; 10,000 if left out. */
  deadline?: number | undefined;
}

/** What takes no more work and lets what runs finish: a `ClusterHost`. */
export interface Drainable {
  /** Does so; resolves at the end. */
  drain(): Promise<void>;
}

const OPTIONS: OptionNames<GracefulShutdownOptions> = optionNames<GracefulShutdownOptions>({
  signals: true,
  deadline: true,
});

/**
 * Ends a program tidily when it is sent a signal, as by Ctrl-C. Made by {@linkcode gracefulShutdown}; disposing it goes back
 * to what was before.
 */
export class GracefulShutdown implements Disposable {
  readonly #executors: readonly (Executor | Drainable)[];
  readonly #deadline: number;
  readonly #controller = new AbortController();
  readonly #stopListening: (() => void)[];
  #stopTimer: (() => void) | undefined;
  #code = 0;
  /** Whether the pools are closed, and whether the program has failed because they were stopped. */
  #closed = false;
  #failed = false;

  /** Made by {@linkcode gracefulShutdown}. */
  constructor(executors: readonly (Executor | Drainable)[], signals: readonly StopSignal[], deadline: number) {
    this.#executors = executors;
    this.#deadline = deadline;
    this.#stopListening = signals.map((signal) => runtime.onSignal(signal, () => this.#heard(signal)));
  }

  /** Fires with the first signal: for what the program does besides its tasks. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Listens no longer. */
  [Symbol.dispose](): void {
    for (const stop of this.#stopListening.splice(0)) stop();
    this.#stopTimer?.();
  }

  #heard(signal: StopSignal): void {
    if (this.signal.aborted) return this.#endNow();
    this.#code = 128 + NUMBERS[signal];
    runtime.setExitCode(this.#code);
    const reason = new DOMException(`The program was told to end by ${signal}`, "AbortError");
    this.#stopTimer = startTimer(this.#deadline, () => this.#endNow(), { unref: true });
    runtime.catchUnhandled((error) => this.#unhandled(error, reason));
    const closing = this.#executors.map((executor) => {
      if (!isExecutor(executor)) return executor.drain();
      return engineOf(executor)?.interrupt(reason) ?? executor.shutdown({ cancelFutures: true });
    });
    void Promise.allSettled(closing).then(() => {
      this.#closed = true;
      if (this.#failed) runtime.exit(this.#code);
    });
    this.#controller.abort(reason);
  }

  /** A program that awaits its tasks and catches nothing fails with them: that is no news, and nothing more will follow. */
  #unhandled(error: unknown, reason: DOMException): void {
    this.#failed = true;
    if (error !== reason) {
      this.#code = 1;
      runtime.setExitCode(1);
      runtime.printError(error);
    }
    if (this.#closed) runtime.exit(this.#code);
  }

  #endNow(): void {
    for (const executor of this.#executors) {
      if (isExecutor(executor)) engineOf(executor)?.terminate(this.signal.reason);
    }
    runtime.exit(this.#code);
  }
}

/**
 * Lets a program end tidily on Ctrl-C. The first signal stops new work, drops what waits, fires the signals of the tasks
 * that run, and waits for them; then the program ends by itself, with what it does after them. A second signal, or the
 * deadline, ends it at once. Either way no worker stays behind, and the exit code is the usual one: 130 for Ctrl-C.
 *
 * A `ClusterHost` is drained: it takes no more tasks, and lets those that run finish.
 *
 * Dropped and aborted tasks end in an `AbortError`. A program that awaits one and does not catch it ends in silence, once the
 * workers are gone.
 *
 * @param args the executors and hosts, and at the end the options.
 * @throws {TypeError | RangeError} if an argument is not valid.
 *
 * @example Give tasks five seconds
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gracefulShutdown, inline, InlineExecutor } from "@heddle/heddle";
 *
 * const pool = new InlineExecutor();
 * const ending = gracefulShutdown(pool, { deadline: 5_000 });
 * assertEquals(await pool.submit(inline(() => "work")), "work");
 * assertEquals(ending.signal.aborted, false);
 * ending[Symbol.dispose]();
 * ```
 */
export function gracefulShutdown(
  ...args:
    | readonly (Executor | Drainable)[]
    | readonly [...executors: (Executor | Drainable)[], options: GracefulShutdownOptions]
): GracefulShutdown {
  const last = args.at(-1);
  const given = args.length > 0 && !isExecutor(last) && !isDrainable(last) ? last : undefined;
  const executors = (given === undefined ? args : args.slice(0, -1)) as readonly (Executor | Drainable)[];
  for (const executor of executors) {
    if (isExecutor(executor) || isDrainable(executor)) continue;
    throw new TypeError(`Cannot end gracefully as an executor is missing: current value is ${show(executor)}`);
  }
  const { signals = ["SIGINT", "SIGTERM"], deadline = DEADLINE } = checkOptions(
    "Cannot end gracefully as 'options'",
    (given ?? {}) as GracefulShutdownOptions,
    OPTIONS,
  );
  checkDuration("Cannot end gracefully as 'deadline'", deadline);
  if (!Array.isArray(signals)) {
    throw new TypeError(`Cannot end gracefully as 'signals' must be an array: current value is ${show(signals)}`);
  }
  for (const signal of signals) {
    checkOneOf("Cannot end gracefully as 'signals'", signal, Object.keys(NUMBERS) as StopSignal[]);
  }
  return new GracefulShutdown(executors, [...new Set(signals)], deadline);
}

function isExecutor(value: unknown): value is Executor {
  return typeof (value as Partial<Executor> | null | undefined)?.submit === "function";
}

function isDrainable(value: unknown): value is Drainable {
  return typeof (value as Partial<Drainable> | null | undefined)?.drain === "function";
}
