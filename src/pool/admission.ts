/**
 * Whether a pool takes tasks.
 *
 * @module
 */

import { BrokenExecutorError, InvalidStateError } from "../core/errors.ts";

/** Open at first; closed by a shutdown, or broken for good. */
export class Admission {
  readonly #name: string;
  #closed = false;
  #broken: { readonly message: string; readonly cause: unknown } | undefined;

  /** @param name is the pool's, for messages. */
  constructor(name: string) {
    this.#name = name;
  }

  /** Whether the pool cannot go on. */
  get broken(): boolean {
    return this.#broken !== undefined;
  }

  /** Takes no more tasks. */
  close(): void {
    this.#closed = true;
  }

  /** Takes no more tasks, as the pool cannot go on; the first reason stands. */
  break(message: string, cause: unknown): void {
    this.#broken ??= { message, cause };
  }

  /** Makes the error of a task in a broken pool. */
  error(): BrokenExecutorError {
    const { message, cause } = this.#broken!;
    return new BrokenExecutorError(`Cannot go on with ${this.#name}: ${message}`, { cause });
  }

  /** Throws if the pool takes no more tasks. */
  requireOpen(): void {
    if (this.#broken !== undefined) throw this.error();
    if (this.#closed) throw new InvalidStateError(`Cannot submit to ${this.#name} after its shutdown`);
  }
}
