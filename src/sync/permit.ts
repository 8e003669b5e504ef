/**
 * What was taken, to be given back once.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";

/** What was taken from a lock or a semaphore. Releasing it a second time changes nothing. */
export interface Permit extends Disposable {
  /** Gives back what was taken. */
  release(): void;
}

/** Who takes permits back. */
export interface Lender {
  /** Takes back what a permit stands for. */
  takeBack(permit: LentPermit): void;
  /** The holder has died; without this, its permit is taken back as ever. */
  abandoned?(): void;
}

/** A permit that knows where it came from. */
export class LentPermit implements Permit {
  #lender: Lender | undefined;
  /** How much was taken. */
  readonly count: number;

  static {
    printsAs(this, "Permit", (permit) => ({ count: permit.count, released: permit.#lender === undefined }));
  }

  constructor(lender: Lender, count: number) {
    this.#lender = lender;
    this.count = count;
  }

  release(): void {
    const lender = this.#lender;
    if (lender === undefined) return;
    this.#lender = undefined;
    lender.takeBack(this);
  }

  /** The process that had the permit has died. */
  abandon(): void {
    const lender = this.#lender;
    if (lender?.abandoned === undefined) return this.release();
    this.#lender = undefined;
    lender.abandoned();
  }

  /** Makes the permit worthless: what it stands for was given back by other means. */
  revoke(): void {
    this.#lender = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
