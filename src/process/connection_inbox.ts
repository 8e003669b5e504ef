/**
 * The received values of one end of a pipe.
 *
 * @module
 */

import { Deque } from "../core/deque.ts";
import { InvalidStateError, TimeoutError } from "../core/errors.ts";
import type { WaitLimits } from "../core/wait_options.ts";
import { WaitQueue } from "../core/wait_queue.ts";
import { systemClock } from "../time/system_clock.ts";

/** A received value. It is wrapped because undefined means that there is nothing to grant. */
interface Letter {
  readonly value: unknown;
}

/** Received values, and the callers that wait for them. */
export class ConnectionInbox {
  readonly #letters = new Deque<Letter>();
  /** The waiters: receivers take a value, pollers do not. */
  readonly #waiting = new WaitQueue<{ readonly takes: boolean }, Letter>(systemClock, "Cannot receive");
  /** Which end was closed first, if any. */
  #closed: "this" | "other" | undefined;

  /** Adds a value. */
  put(value: unknown): void {
    if (this.#closed !== undefined) throw new InvalidStateError("Cannot send: the other end of the pipe is closed");
    this.#letters.push({ value });
    this.#serve();
  }

  /** Puts a taken value back, which becomes the next value again. */
  putBack(value: unknown): void {
    if (this.#closed === "this") return;
    this.#letters.unshift({ value });
    this.#serve();
  }

  /** Takes the oldest value. Waits while there is none. */
  async take(limits: WaitLimits): Promise<unknown> {
    limits.signal?.throwIfAborted();
    const { value } = this.#next(true) ?? await this.#waiting.join({ takes: true }, limits);
    return value;
  }

  /** Waits until `take` would settle immediately; returns false on timeout. */
  async poll(limits: WaitLimits): Promise<boolean> {
    limits.signal?.throwIfAborted();
    if (this.#closed !== undefined || this.#letters.size > 0) return true;
    try {
      await this.#waiting.join({ takes: false }, limits);
      return true;
    } catch (error) {
      if (error instanceof InvalidStateError) return true;
      if (error instanceof TimeoutError && !limits.signal?.aborted) return false;
      throw error;
    }
  }

  /** Closes the inbox. If the other end was closed, the values received before can still be taken. */
  close(end: "this" | "other"): void {
    if (this.#closed !== undefined) return;
    this.#closed = end;
    if (end === "this") { while (this.#letters.size > 0) this.#letters.shift(); }
    this.#serve();
  }

  #serve(): void {
    this.#waiting.admit(({ takes }) => this.#next(takes));
  }

  #next(takes: boolean): Letter | undefined {
    if (this.#letters.size > 0) return takes ? this.#letters.shift() : ABOUT;
    if (this.#closed === undefined) return undefined;
    const which = this.#closed === "this" ? "this" : "the other";
    throw new InvalidStateError(`Cannot receive: ${which} end of the pipe is closed`);
  }
}

/** Tells a poller that a value has arrived. */
const ABOUT: Letter = { value: undefined };
