/**
 * Decides whether a pool accepts tasks.
 *
 * @module
 */

import { BrokenExecutorError, InvalidStateError } from "../../core/errors.ts";
import type { BreakReason } from "./break_reason.ts";

/** The admission of a pool: open at first, then closed by a shutdown, or broken, which is final. */
export class Admission {
  readonly #name: string;
  #closed = false;
  /** Number of submissions in progress that had a reservation before the shutdown. */
  #admitted = 0;
  #broken: BreakReason | undefined;

  /** @param name the pool's name, for messages. */
  constructor(name: string) {
    this.#name = name;
  }

  /** Whether the pool is broken. */
  get broken(): boolean {
    return this.#broken !== undefined;
  }

  /** Whether the pool accepts all submissions. */
  get open(): boolean {
    return !this.#closed && this.#broken === undefined;
  }

  /** Calls a function whose submissions are accepted although the pool is closed. */
  admit<R>(submit: () => R): R {
    this.#admitted++;
    try {
      return submit();
    } finally {
      this.#admitted--;
    }
  }

  /** Stops accepting tasks. */
  close(): void {
    this.#closed = true;
  }

  /** Stops accepting tasks because the pool is broken; the first reason is kept. */
  break(reason: BreakReason): void {
    this.#broken ??= reason;
  }

  /**
   * Creates the error of a task in a broken pool. `Failure` distinguishes a mistake of the caller from other failures.
   */
  error(Failure: typeof InvalidStateError = BrokenExecutorError): unknown {
    const { message, cause, error } = this.#broken!;
    return error !== undefined ? error() : new Failure(`Cannot go on with ${this.#name}: ${message}`, { cause });
  }

  /** Throws if the pool accepts no more tasks. */
  requireOpen(): void {
    if (this.#broken !== undefined) throw this.error();
    if (this.#closed && this.#admitted === 0) {
      throw new InvalidStateError(`Cannot submit to ${this.#name} after its shutdown`);
    }
  }
}
