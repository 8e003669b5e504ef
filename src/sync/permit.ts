/**
 * Permits: each returns what its holder acquired, once.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";

/** The grant of a lock or a semaphore. Releasing a permit twice has no further effect. */
export interface Permit extends Disposable {
  /** Releases the permit. */
  release(): void;
}

/** The issuer of permits, to which they return. */
export interface PermitSource {
  /** Takes back what a permit stands for. */
  takeBack(permit: LentPermit): void;
  /** Called when the permit's holder has died. Without this method the permit is taken back as if released. */
  abandoned?(): void;
}

/** A permit bound to its issuer. */
export class LentPermit implements Permit {
  #source: PermitSource | undefined;
  /** The number of units that the permit stands for. */
  readonly count: number;

  static {
    printsAs(this, "Permit", (permit) => ({ count: permit.count, released: permit.#source === undefined }));
  }

  constructor(source: PermitSource, count: number) {
    this.#source = source;
    this.count = count;
  }

  release(): void {
    const source = this.#source;
    if (source === undefined) return;
    this.#source = undefined;
    source.takeBack(this);
  }

  /** Called when the process that held the permit has died. */
  abandon(): void {
    const source = this.#source;
    if (source?.abandoned === undefined) return this.release();
    this.#source = undefined;
    source.abandoned();
  }

  /** Makes the permit inert: what it stands for was given back in another way. */
  revoke(): void {
    this.#source = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
