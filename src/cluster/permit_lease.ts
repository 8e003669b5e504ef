/**
 * A permit of a `ClusterSemaphore`, and its lease.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import type { Permit } from "../sync/permit.ts";
import type { EngineJob } from "./engine.ts";
import type { ClusterClock } from "./options.ts";

/** A permit of a `ClusterSemaphore`, to be released once. */
export interface ClusterPermit extends Permit {
  /** Fires when the lease is lost: another caller may hold the permit by then. */
  readonly signal: AbortSignal;
}

/** The parts a lease works with. */
export interface LeaseParts {
  readonly clock: ClusterClock;
  /** The duration of the lease without a renewal, in milliseconds. */
  readonly lease: number;
  readonly name: string;
  /** Called when the permit was released or lost. */
  ended(permit: LeasedPermit): void;
}

/** A permit whose lease is renewed until its release. */
export class LeasedPermit implements ClusterPermit {
  readonly #parts: LeaseParts;
  readonly #job: EngineJob;
  readonly #token: string;
  readonly #controller = new AbortController();
  #over = false;
  /** When the last granted renewal was requested. */
  #renewedAt: number;
  #stopRenewal: () => void = () => {};
  #stopEnd: () => void = () => {};
  /** Resolves when the server has it back. */
  returned: Promise<void> = Promise.resolve();

  static {
    printsAs(this, "ClusterPermit", (permit) => ({ name: permit.#parts.name, released: permit.#over }));
  }

  /** @param takenAt when the server was asked for it. */
  constructor(parts: LeaseParts, job: EngineJob, token: string, takenAt: number) {
    this.#parts = parts;
    this.#job = job;
    this.#token = token;
    this.#renewedAt = takenAt;
    this.#renewSoon();
    this.#watch();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  release(): void {
    if (this.#over) return;
    this.#end();
    this.returned = this.#job.moveToWait(this.#token).then(() => {}, () => {});
    this.#parts.ended(this);
  }

  [Symbol.dispose](): void {
    this.release();
  }

  #renewSoon(): void {
    const { clock, lease } = this.#parts;
    this.#stopRenewal = clock.startTimer(lease / 3, () => {
      this.#renewSoon();
      void this.#renew();
    });
  }

  async #renew(): Promise<void> {
    const { clock, lease } = this.#parts;
    const askedAt = clock.now();
    let held: boolean;
    try {
      held = Number(await this.#job.extendLock(this.#token, lease)) !== 0;
    } catch (error) {
      // The timer handles all other errors: the server may be back in time.
      held = !/lock|missing/i.test((error as Error).message);
      if (held) return;
    }
    if (this.#over) return;
    if (!held) return this.#lose();
    this.#renewedAt = askedAt;
    this.#watch();
  }

  /** Ends the lease by the clock of this machine: while the server is away no answer comes. */
  #watch(): void {
    const { clock, lease } = this.#parts;
    this.#stopEnd();
    this.#stopEnd = clock.startTimer(Math.max(0, this.#renewedAt + lease - clock.now()), () => this.#lose());
  }

  #lose(): void {
    if (this.#over) return;
    this.#end();
    const message =
      `A permit of '${this.#parts.name}' was lost, as its lease could not be renewed in ${this.#parts.lease} ms`;
    this.#controller.abort(new DOMException(message, "AbortError"));
    this.#parts.ended(this);
  }

  #end(): void {
    this.#over = true;
    this.#stopRenewal();
    this.#stopEnd();
  }
}
