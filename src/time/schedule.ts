/**
 * Calls a function on a schedule; the base of `Timer` and `Interval`.
 *
 * @module
 */

import { checkFunction } from "../core/check.ts";
import { InvalidStateError } from "../core/errors.ts";
import { checkWait, type WaitOptions } from "../core/wait_options.ts";
import { type Clock, WaitQueue } from "../core/wait_queue.ts";
import { runtime } from "../runtime/mod.ts";
import type { ContextStore } from "../runtime/types.ts";
import { systemClock } from "./system_clock.ts";

/** Returns the due time of the next call, in milliseconds from the start, or undefined after the last call. */
export type Next = (elapsed: number) => number | undefined;

/** The schedule whose function is running. */
const callers: ContextStore<Schedule> = runtime.contextStore();

/** Calls a function whenever `next` says so, until `next` returns undefined. */
export class Schedule {
  /** Tests replace it before the start. */
  clock: Clock = systemClock;
  readonly #name: string;
  readonly #next: Next;
  #fn: (() => unknown) | undefined;
  #startedAt: number | undefined;
  #cancelled = false;
  #calling = false;
  #finished = false;
  #joined = false;
  #failure: { readonly error: unknown } | undefined;
  #joiners: WaitQueue<void, true> | undefined;
  #stopTimer: (() => void) | undefined;
  #release: (() => void) | undefined;

  /** @param name the name in messages, with its article. */
  constructor(name: string, next: Next, fn: () => unknown) {
    this.#name = name;
    this.#next = next;
    this.#fn = fn;
  }

  /** Whether the last call has ended, or no call will be made. */
  get finished(): boolean {
    return this.#finished;
  }

  /** Starts to count time. */
  start(): void {
    if (this.#startedAt !== undefined) throw new InvalidStateError(`Cannot start ${this.#name} twice`);
    this.#startedAt = this.clock.now();
    if (this.#cancelled) return;
    // The timer alone does not keep the program alive: there is none for Infinity, nor while an asynchronous call is in
    // progress.
    this.#release = runtime.keepAlive();
    this.#wait(0);
  }

  /** Prevents further calls. */
  cancel(): void {
    if (this.#finished) return;
    this.#cancelled = true;
    if (this.#calling) return;
    this.#stopTimer?.();
    this.#finish();
  }

  /** Waits until the schedule has finished. */
  async join(options: WaitOptions | undefined): Promise<void> {
    const what = `Cannot join ${this.#name}`;
    const limits = checkWait(what, options);
    if (this.#startedAt === undefined) throw new InvalidStateError(`${what} that has not been started`);
    if (this.#finished) {
      this.#joined = true;
      if (this.#failure !== undefined) throw this.#failure.error;
      return;
    }
    if (this.#calling && callers.getStore() === this) {
      throw new InvalidStateError(`${what} from its own function: each would wait for the other`);
    }
    await (this.#joiners ??= new WaitQueue(this.clock, what)).join(undefined, limits);
  }

  #wait(elapsed: number): void {
    const due = this.#next(elapsed);
    if (due === undefined) this.#finish();
    else this.#stopTimer = this.clock.startTimer(Math.max(0, due - elapsed), () => this.#call());
  }

  #call(): void {
    this.#calling = true;
    let answer: unknown;
    let later: boolean;
    try {
      answer = callers.run(this, this.#fn!);
      later = isThenable(answer);
    } catch (error) {
      return this.#fail(error);
    }
    if (later) Promise.resolve(answer).then(() => this.#called(), (error) => this.#fail(error));
    else this.#called();
  }

  #called(): void {
    this.#calling = false;
    if (this.#cancelled) this.#finish();
    else this.#wait(this.clock.now() - this.#startedAt!);
  }

  #fail(error: unknown): void {
    this.#calling = false;
    this.#failure = { error };
    if ((this.#joiners?.size ?? 0) > 0) this.#joiners!.rejectAll(error);
    else {
      // A rejected promise is the tempting way to report the error: Bun does not treat it as an uncaught error.
      runtime.defer(() => {
        if (!this.#joined) throw error;
      });
    }
    this.#finish();
  }

  #finish(): void {
    this.#finished = true;
    this.#fn = this.#stopTimer = undefined;
    this.#release?.();
    this.#joiners?.admit(() => true);
  }
}

/** Checks the function of a timer and binds its arguments. */
export function bind<A extends unknown[]>(what: string, fn: (...args: A) => unknown, args: A): () => unknown {
  checkFunction(`${what} as 'fn'`, fn);
  return () => fn(...args);
}

function isThenable(value: unknown): boolean {
  return (typeof value === "object" && value !== null || typeof value === "function") &&
    typeof (value as { then?: unknown }).then === "function";
}
