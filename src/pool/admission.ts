/**
 * Whether a pool takes tasks.
 *
 * @module
 */

import { BrokenExecutorError, InvalidStateError } from "../core/errors.ts";
import type { BreakReason } from "./break_reason.ts";

/** Open at first; closed by a shutdown, or broken for good. */
export class Admission {
  readonly #name: string;
  #closed = false;
  /** How many submissions are in progress for which a place was reserved before the shutdown. */
  #admitted = 0;
  #broken: BreakReason | undefined;

  /** @param name is the pool's, for messages. */
  constructor(name: string) {
    this.#name = name;
  }

  /** Whether the pool cannot go on. */
  get broken(): boolean {
    return this.#broken !== undefined;
  }

  /** Whether everything submitted is taken. */
  get open(): boolean {
    return !this.#closed && this.#broken === undefined;
  }

  /** Calls a function whose submissions are taken although the pool is closed. */
  admit<R>(submit: () => R): R {
    this.#admitted++;
    try {
      return submit();
    } finally {
      this.#admitted--;
    }
  }

  /** Takes no more tasks. */
  close(): void {
    this.#closed = true;
  }

  /** Takes no more tasks, as the pool cannot go on; the first reason stands. */
  break(reason: BreakReason): void {
    this.#broken ??= reason;
  }

  /** Makes the error of a task in a broken pool; its class tells a mistake of the caller from other failures. */
  error(Failure: typeof InvalidStateError = BrokenExecutorError): Error {
    const { message, cause } = this.#broken!;
    return new Failure(`Cannot go on with ${this.#name}: ${message}`, { cause });
  }

  /** Throws if the pool takes no more tasks. */
  requireOpen(): void {
    if (this.#broken !== undefined) throw this.error();
    if (this.#closed && this.#admitted === 0) {
      throw new InvalidStateError(`Cannot submit to ${this.#name} after its shutdown`);
    }
  }
}
