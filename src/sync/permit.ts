/**
 * What was taken, to be given back once.
 *
 * @module
 */

/** What was taken from a lock or a semaphore. Releasing it a second time changes nothing. */
export interface Permit extends Disposable {
  /** Gives back what was taken. */
  release(): void;
}

/** Who takes permits back. */
export interface Lender {
  /** Takes back what a permit stands for. */
  takeBack(permit: LentPermit): void;
}

/** A permit that knows where it came from. */
export class LentPermit implements Permit {
  #lender: Lender | undefined;
  /** How much was taken. */
  readonly count: number;

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

  /** Makes the permit worthless: what it stands for was given back by other means. */
  revoke(): void {
    this.#lender = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
