/**
 * Permits that are held for the body of a response.
 *
 * @module
 */

import { SignalGroup } from "../core/signal_group.ts";
import type { Gate } from "./gate.ts";
import type { Turn } from "./turn.ts";

/** A body that nobody has begun to read for so many milliseconds is reported. */
const UNREAD_AFTER = 10_000;

/** A permit that is held until a body is over. Nothing in it may know the body, which could then never be collected. */
export class Hold {
  readonly #turn: Turn;
  readonly #since: number;
  readonly #ended: (hold: Hold) => void;
  #begun = false;

  constructor(turn: Turn, since: number, ended: (hold: Hold) => void) {
    this.#turn = turn;
    this.#since = since;
    this.#ended = ended;
  }

  /** Whether somebody reads the body, or has read it. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Somebody begins to read. */
  begin(): void {
    this.#begun = true;
  }

  /** The body is over, in whichever way. */
  end(): void {
    this.#begun = true;
    this.#ended(this);
    this.#turn.release();
  }

  /** Whether nobody has begun to read for long. */
  unread(now: number): boolean {
    return !this.#begun && now - this.#since >= UNREAD_AFTER;
  }
}

/** The bodies for which a throttle holds permits. */
export class Holds {
  readonly #gate: Gate;
  readonly #all = new Map<Hold, AbortSignal | undefined>();
  readonly #aborts = new SignalGroup<Hold>((hold) => hold.end());
  /** Tells of bodies that nobody can read any more. */
  readonly #collected = new FinalizationRegistry<Hold>((hold) => hold.end());

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  /** How many bodies nobody has begun to read for long. */
  get unread(): number {
    const now = this.#gate.now();
    let count = 0;
    for (const hold of this.#all.keys()) if (hold.unread(now)) count++;
    return count;
  }

  /**
   * Holds a permit until a body is over, its request is aborted, or the token is collected.
   *
   * @param token is known to all who can still read the body, and to nobody else.
   */
  add(turn: Turn, token: object, signal: AbortSignal | undefined): Hold {
    const hold = new Hold(turn, this.#gate.now(), this.#delete);
    this.#all.set(hold, signal);
    this.#aborts.add(signal, hold);
    this.#collected.register(token, hold, hold);
    return hold;
  }

  readonly #delete = (hold: Hold): void => {
    const signal = this.#all.get(hold);
    if (!this.#all.delete(hold)) return;
    this.#aborts.delete(signal, hold);
    this.#collected.unregister(hold);
  };
}
