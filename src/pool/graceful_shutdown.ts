/**
 * Graceful shutdown on Ctrl-C.
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

/** Default deadline, in milliseconds. */
const DEADLINE = 10_000;

/** The numbers of signals: a program ended by a signal has 128 plus its number as the exit code. */
const NUMBERS: Record<StopSignal, number> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15, SIGBREAK: 21 };

/** Options of {@linkcode gracefulShutdown}. */
export interface GracefulShutdownOptions {
  /** The signals to react to; `SIGINT` (Ctrl-C) and `SIGTERM` by default. */
  signals?: readonly StopSignal[] | undefined;
  /** Milliseconds from the first signal to the forced end of the program; 10,000 by default. */
  deadline?: number | undefined;
}

/** Work that can be drained, such as a `ClusterHost`. */
export interface Drainable {
  /** Accepts no more work and lets running work finish; resolves at the end. */
  drain(): Promise<void>;
}

/** Work that can be stopped, such as an actor. */
export interface Stoppable {
  /** Accepts no more work and lets accepted work finish; resolves at the end. */
  stop(): Promise<void>;
}

/** The objects that a program can end gracefully. */
export type Endable = Executor | Drainable | Stoppable;

const OPTIONS: OptionNames<GracefulShutdownOptions> = optionNames<GracefulShutdownOptions>({
  signals: true,
  deadline: true,
});

/**
 * Ends a program gracefully when it receives a signal, such as Ctrl-C. Created by {@linkcode gracefulShutdown}.
 * Disposing it restores the previous behaviour.
 */
export class GracefulShutdown implements Disposable {
  readonly #executors: readonly Endable[];
  readonly #deadline: number;
  readonly #controller = new AbortController();
  readonly #stopListening: (() => void)[];
  #stopTimer: (() => void) | undefined;
  #code = 0;
  /** Whether the pools are closed, and whether the program has failed because they were stopped. */
  #closed = false;
  #failed = false;

  /** Created by {@linkcode gracefulShutdown}. */
  constructor(executors: readonly Endable[], signals: readonly StopSignal[], deadline: number) {
    this.#executors = executors;
    this.#deadline = deadline;
    this.#stopListening = signals.map((signal) => runtime.onSignal(signal, () => this.#heard(signal)));
  }

  /** Fires with the first signal, for work of the program outside its tasks. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Stops listening for signals. */
  [Symbol.dispose](): void {
    for (const stop of this.#stopListening.splice(0)) stop();
    this.#stopTimer?.();
  }

  #heard(signal: StopSignal): void {
    if (this.signal.aborted) return this.#endNow();
    this.#code = 128 + NUMBERS[signal];
    runtime.setExitCode(this.#code);
    const reason = new DOMException(`The program received ${signal}`, "AbortError");
    this.#stopTimer = startTimer(this.#deadline, () => this.#endNow(), { unref: true });
    runtime.catchUnhandled((error) => this.#unhandled(error, reason));
    const closing = this.#executors.map((executor) => {
      if (isDrainable(executor)) return executor.drain();
      if (isStoppable(executor)) return executor.stop();
      return engineOf(executor)?.interrupt(reason) ?? executor.shutdown({ cancelFutures: true });
    });
    void Promise.allSettled(closing).then(() => {
      this.#closed = true;
      if (this.#failed) runtime.exit(this.#code);
    });
    this.#controller.abort(reason);
  }

  /**
   * Handles an uncaught error after the signal. A program that awaits its tasks without a handler fails with the reason
   * of the abort, which is not printed.
   */
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
 * Lets a program end gracefully on Ctrl-C. The first signal stops new work, drops waiting tasks, fires the signals of
 * running tasks, and waits for them. The program then ends by itself, after its own remaining work. A second signal, or
 * the deadline, ends the program at once. Either way no worker outlives the program, and the exit code is the usual
 * one: 130 for Ctrl-C.
 *
 * A `ClusterHost` is drained: it accepts no more tasks, and lets running ones finish. An actor is stopped: it accepts
 * no more calls, and lets accepted ones finish.
 *
 * Dropped and aborted tasks reject with an `AbortError`. A program that awaits one without a handler ends without a
 * message, once the workers are gone.
 *
 * @param args the executors, hosts and actors, followed by the options.
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
    | readonly Endable[]
    | readonly [...executors: Endable[], options: GracefulShutdownOptions]
): GracefulShutdown {
  const last = args.at(-1);
  const given = args.length > 0 && !isEndable(last) ? last : undefined;
  const executors = (given === undefined ? args : args.slice(0, -1)) as readonly Endable[];
  for (const executor of executors) {
    if (isEndable(executor)) continue;
    throw new TypeError(
      `Cannot shut down gracefully as 'args' must be executors, hosts or actors: current value is ${show(executor)}`,
    );
  }
  const { signals = ["SIGINT", "SIGTERM"], deadline = DEADLINE } = checkOptions(
    "Cannot shut down gracefully as 'options'",
    (given ?? {}) as GracefulShutdownOptions,
    OPTIONS,
  );
  checkDuration("Cannot shut down gracefully as 'deadline'", deadline);
  if (!Array.isArray(signals)) {
    throw new TypeError(`Cannot shut down gracefully as 'signals' must be an array: current value is ${show(signals)}`);
  }
  for (const signal of signals) {
    checkOneOf("Cannot shut down gracefully as 'signals'", signal, Object.keys(NUMBERS) as StopSignal[]);
  }
  return new GracefulShutdown(executors, [...new Set(signals)], deadline);
}

function isEndable(value: unknown): value is Endable {
  return isExecutor(value) || isDrainable(value) || isStoppable(value);
}

function isStoppable(value: unknown): value is Stoppable {
  return typeof (value as Partial<Stoppable> | null | undefined)?.stop === "function";
}

function isExecutor(value: unknown): value is Executor {
  return typeof (value as Partial<Executor> | null | undefined)?.submit === "function";
}

function isDrainable(value: unknown): value is Drainable {
  return typeof (value as Partial<Drainable> | null | undefined)?.drain === "function";
}
