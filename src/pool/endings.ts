/**
 * What follows when a task has ended: another attempt, or its future settles.
 *
 * @module
 */

import type { Clock } from "../core/wait_queue.ts";
import type { Outcome } from "../futures/results.ts";
import type { Packet } from "../wire/baggage.ts";
import type { Ledger } from "./ledger.ts";
import { carryErrors, pauseAfter, type RetryPlan, wantsRetry } from "./retry_plan.ts";
import { PAUSED, WAITING, type Work } from "./work.ts";

/** What a task has been through. */
export interface Attempts {
  /** The present attempt, from 1. */
  number: number;
  /** The number that the first attempt had at its worker. */
  readonly first: number;
  readonly earlier: unknown[];
}

/** Settles tasks that have ended, and keeps those that are tried again between their attempts. */
export class Endings {
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #again: (work: Work) => void;
  #stopped = false;
  /** The tasks between two attempts. */
  readonly paused: Set<Work> = new Set();

  /** @param again puts a task whose pause is over in the line. */
  constructor(ledger: Ledger, clock: Clock, again: (work: Work) => void) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#again = again;
  }

  /** An attempt has ended. What one that was told to stop returns or throws is dropped. */
  end(work: Work, outcome: Outcome): void {
    const { aborted, options: { retry } } = work;
    const ended = aborted !== undefined && (aborted.late || "error" in outcome) ? { error: aborted.reason } : outcome;
    if (retry !== undefined && !work.future.done && this.#pause(work, ended)) return;
    this.#ledger.settle(work, ended);
  }

  /**
   * Whether another attempt follows one that is not over yet but has failed, as its time is up. It says so in `aborted.late`,
   * so that `retryIf` is asked once. If none follows, the error carries the earlier ones.
   */
  willRepeat(work: Work, error: unknown): boolean {
    return work.options.retry !== undefined && this.#wantsRetry(work, error);
  }

  /** There are no further attempts: tasks that pause end with the errors they have, or as cancelled. */
  stopRetries(cancel: boolean): void {
    this.#stopped = true;
    for (const work of this.paused) {
      const earlier = [...work.attempts!.earlier];
      const error = earlier.pop();
      if (cancel) this.#ledger.cancelled(work);
      else {
        carryErrors(error, earlier);
        this.#ledger.settle(work, { error });
      }
    }
  }

  /** Lets a task pause before its next attempt. False if there is none: then the outcome carries the earlier errors. */
  #pause(work: Work, outcome: Outcome): boolean {
    const failure = failureOf(work, outcome);
    if (failure === undefined) return false;
    const decided = work.aborted?.late === true && !this.#stopped;
    if (!decided && !this.#wantsRetry(work, failure.error)) return false;
    const plan = work.options.retry as RetryPlan;
    const attempts = work.attempts ??= firstOf(work);
    attempts.earlier.push(failure.error);
    work.stopTimer?.();
    work.state = PAUSED;
    work.slot = undefined;
    work.aborted = undefined;
    this.paused.add(work);
    // However it ends, its timer is stopped, and it pauses no longer.
    const stop = this.#clock.startTimer(pauseAfter(attempts.number, plan), () => {
      this.paused.delete(work);
      work.stopTimer = undefined;
      work.state = WAITING;
      attempts.number++;
      this.#again(work);
    });
    work.stopTimer = () => {
      this.paused.delete(work);
      stop();
    };
    return true;
  }

  #wantsRetry(work: Work, error: unknown): boolean {
    const { number, earlier } = work.attempts ??= firstOf(work);
    // What its caller has stopped is over.
    const mayBe = !this.#stopped && work.aborted?.late !== false && canBeSentAgain(work.packet!);
    if (mayBe && wantsRetry(work.options.retry as RetryPlan, error, number)) return true;
    carryErrors(error, earlier);
    return false;
  }
}

/** The arguments of a task for one attempt: what is handed over with them is gone after it, so each gets copies. */
export function packetFor(work: Work): Packet {
  const packet = work.packet!;
  if (work.options.retry === undefined || (packet.blobs.length === 0 && packet.attachments.length === 0)) return packet;
  return {
    ...packet,
    blobs: packet.blobs.map(copyOf),
    attachments: packet.attachments.map((item) => item instanceof ArrayBuffer ? item.slice(0) : item),
  };
}

function firstOf(work: Work): Attempts {
  return { number: 1, first: work.id, earlier: [] };
}

/** A chunk has failed if its last outcome is an error: chunks of tasks that may be tried again have one item. */
function failureOf(work: Work, outcome: Outcome): { readonly error: unknown } | undefined {
  if ("error" in outcome) return outcome;
  const last = work.items > 0 ? (outcome.value as Outcome[]).at(-1) : undefined;
  return last !== undefined && "error" in last ? last : undefined;
}

/** What was moved, and is no memory, was gone with the first attempt. */
function canBeSentAgain(packet: Packet): boolean {
  return packet.attachments.every((item) => item instanceof ArrayBuffer || item instanceof SharedArrayBuffer);
}

function copyOf(blob: ArrayBufferLike): ArrayBufferLike {
  if (blob instanceof ArrayBuffer) return blob.slice(0);
  const copy = new SharedArrayBuffer(blob.byteLength);
  new Uint8Array(copy).set(new Uint8Array(blob));
  return copy;
}
