/**
 * The permit of a response, held until the response's body ends.
 *
 * @module
 */

import type { Turn } from "./key.ts";

/** The time in milliseconds after which an unread body is reported. */
const UNREAD_AFTER = 10_000;

/** A permit that is held until a body ends. It must not refer to the body, which could otherwise never be collected. */
export class BodyPermit {
  readonly #turn: Turn;
  readonly #since: number;
  readonly #ended: (permit: BodyPermit) => void;
  #begun = false;

  constructor(turn: Turn, since: number, ended: (permit: BodyPermit) => void) {
    this.#turn = turn;
    this.#since = since;
    this.#ended = ended;
  }

  /** A caller has begun to read the body. */
  begin(): void {
    this.#begun = true;
  }

  /** The body has ended for any reason. */
  end(): void {
    this.#begun = true;
    this.#ended(this);
    this.#turn.release();
  }

  /** Whether the body has been unread for too long. */
  unread(now: number): boolean {
    return !this.#begun && now - this.#since >= UNREAD_AFTER;
  }
}
