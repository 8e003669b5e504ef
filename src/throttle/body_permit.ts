/**
 * A permit that is held for the body of a response.
 *
 * @module
 */

import type { Turn } from "./key.ts";

/** A body that no caller has begun to read for this many milliseconds is reported. */
const UNREAD_AFTER = 10_000;

/** A permit that is held until a body is over. It must not refer to the body, which could then never be collected. */
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

  /** A caller begins to read. */
  begin(): void {
    this.#begun = true;
  }

  /** The body is over, in whichever way. */
  end(): void {
    this.#begun = true;
    this.#ended(this);
    this.#turn.release();
  }

  /** Whether no caller has begun to read for a long time. */
  unread(now: number): boolean {
    return !this.#begun && now - this.#since >= UNREAD_AFTER;
  }
}
