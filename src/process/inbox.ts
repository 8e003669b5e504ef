/**
 * What has come to one end of a pipe.
 *
 * @module
 */

import { Deque } from "../core/deque.ts";
import { InvalidStateError, TimeoutError } from "../core/errors.ts";
import type { WaitLimits } from "../core/wait_options.ts";
import { WaitQueue } from "../core/wait_queue.ts";
import { systemClock } from "../time/system_clock.ts";

/** A value; an object, as nothing to grant is undefined. */
interface Letter {
  readonly value: unknown;
}

/** Values and those who wait for them. */
export class Inbox {
  readonly #letters = new Deque<Letter>();
  /** Those who wait, and whether they take what comes or only want to know. */
  readonly #waiting = new WaitQueue<{ readonly takes: boolean }, Letter>(systemClock, "Cannot receive");
  /** Which end was closed first, if one was. */
  #closed: "this" | "other" | undefined;

  /** Adds a value. */
  put(value: unknown): void {
    if (this.#closed !== undefined) throw new InvalidStateError("Cannot send as the other end of the pipe is closed");
    this.#letters.push({ value });
    this.#serve();
  }

  /** Puts back a value that was taken: it is the next one again. */
  putBack(value: unknown): void {
    if (this.#closed === "this") return;
    this.#letters.unshift({ value });
    this.#serve();
  }

  /** Takes the oldest value, waiting for it. */
  async take(limits: WaitLimits): Promise<unknown> {
    limits.signal?.throwIfAborted();
    const { value } = this.#next(true) ?? await this.#waiting.join({ takes: true }, limits);
    return value;
  }

  /** Waits until `take` would have an answer; false if it has none in time. */
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

  /** Ends it: what has come by then can be taken if it was the other end that was closed. */
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
    throw new InvalidStateError(`Cannot receive as ${which} end of the pipe is closed`);
  }
}

/** Tells somebody who only wants to know that something has come. */
const ABOUT: Letter = { value: undefined };
