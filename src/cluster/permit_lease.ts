/**
 * A permit of a semaphore of many machines, and its lease.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import type { Permit } from "../sync/permit.ts";
import type { EngineJob } from "./engine.ts";
import type { ClusterClock } from "./options.ts";

/** What was taken from a `ClusterSemaphore`, to be given back once. */
export interface ClusterPermit extends Permit {
  /** Fires when the lease is lost: the permit is somebody else's by then. */
  readonly signal: AbortSignal;
}

/** What a lease needs. */
export interface LeaseParts {
  readonly clock: ClusterClock;
  /** How long it lasts without being renewed, in milliseconds. */
  readonly lease: number;
  readonly name: string;
  /** It is over: it was given back, or was lost. */
  ended(permit: LeasedPermit): void;
}

/** A permit that is renewed until it is given back. */
export class LeasedPermit implements ClusterPermit {
  readonly #parts: LeaseParts;
  readonly #job: EngineJob;
  readonly #token: string;
  readonly #controller = new AbortController();
  #over = false;
  /** When the server was asked for what it has granted last. */
  #renewedAt: number;
  #stopRenewal: () => void = () => {};
  #stopEnd: () => void = () => {};
  /** Resolves when it was given back. */
  returned: Promise<void> = Promise.resolve();

  static {
    printsAs(this, "ClusterPermit", (permit) => ({ name: permit.#parts.name, released: permit.#over }));
  }

  /** @param takenAt is when the server was asked for it. */
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
      // Anything else than that it is lost is for the timer: the server may be back in time.
      held = !/lock|missing/i.test((error as Error).message);
      if (held) return;
    }
    if (this.#over) return;
    if (!held) return this.#lose();
    this.#renewedAt = askedAt;
    this.#watch();
  }

  /** An answer may never come, as while the server is away: the lease ends by the clock of this machine. */
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
