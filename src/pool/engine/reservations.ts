/**
 * The reservations of a pool: work that will be submitted later, for which the shutdown waits.
 *
 * @module
 */

import { CancelledError } from "../../core/errors.ts";
import type { Dropped, Reservation, Revoked } from "../../futures/reservation.ts";
import type { Admission } from "./admission.ts";

/** The reservations of a pool. */
export class Reservations {
  readonly #admission: Admission;
  readonly #released: () => void;
  readonly #all = new Set<Place>();
  readonly #watching = new Set<Dropped>();
  /** Tells a watcher why waiting work was dropped; undefined until that happens. */
  #tell: ((dropped: Dropped) => void) | undefined;

  /** @param released called after the end of each reservation. */
  constructor(admission: Admission, released: () => void) {
    this.#admission = admission;
    this.#released = released;
  }

  /** The number of reservations. */
  get size(): number {
    return this.#all.size;
  }

  /** Makes a reservation; undefined if the pool accepts no more tasks. */
  add(revoked: (how: Revoked) => void): Reservation | undefined {
    if (!this.#admission.open) return undefined;
    const place = new Place(this.#admission, revoked, () => {
      if (this.#all.delete(place)) this.#released();
    });
    this.#all.add(place);
    return place;
  }

  /** See {@linkcode Host.watch}. */
  watch(dropped: Dropped): () => void {
    if (this.#tell !== undefined) this.#tell(dropped);
    else this.#watching.add(dropped);
    return () => void this.#watching.delete(dropped);
  }

  /** Ends all reservations, and tells their owners the reason. */
  revoke(how: Revoked): void {
    const error = how.cancelled ? new CancelledError("The map was cancelled before it took all items") : how.reason;
    this.#drop(error, true);
    for (const place of [...this.#all]) {
      place.release();
      place.revoked(how);
    }
  }

  /** Ends all reservations without telling their owners: their next submit throws, as the pool is broken. */
  clear(error: unknown, stopped: boolean): void {
    this.#all.clear();
    this.#drop(error, stopped);
  }

  #drop(error: unknown, stopped: boolean): void {
    this.#tell ??= (dropped) => dropped(error, stopped);
    for (const dropped of [...this.#watching]) this.#tell(dropped);
    this.#watching.clear();
  }
}

class Place implements Reservation {
  readonly #admission: Admission;
  readonly revoked: (how: Revoked) => void;
  readonly release: () => void;

  constructor(admission: Admission, revoked: (how: Revoked) => void, release: () => void) {
    this.#admission = admission;
    this.revoked = revoked;
    this.release = release;
  }

  admit<R>(submit: () => R): R {
    return this.#admission.admit(submit);
  }

  use<R>(submit: () => R): R {
    try {
      return this.#admission.admit(submit);
    } finally {
      this.release();
    }
  }
}
