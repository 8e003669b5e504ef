/**
 * Retries: runs a failed task again, or settles its future.
 *
 * @module
 */

import type { Clock } from "../core/wait_queue.ts";
import type { Outcome } from "../futures/results.ts";
import type { Packet } from "../wire/baggage.ts";
import type { Ledger } from "./ledger.ts";
import { carryErrors, pauseAfter, type RetryPlan, wantsRetry } from "./retry_plan.ts";
import { PAUSED, WAITING, type Work } from "./work.ts";

/** The attempts of a job so far. */
export interface Attempts {
  /** The current attempt, from 1. */
  number: number;
  /** The number of the job at its worker in the first attempt. */
  readonly first: number;
  readonly earlier: unknown[];
}

/** Settles jobs that have ended, and keeps jobs between two attempts. */
export class Endings {
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #again: (work: Work) => void;
  #stopped = false;
  /** The jobs between two attempts. */
  readonly paused: Set<Work> = new Set();

  /** @param again enqueues a job whose delay is over. */
  constructor(ledger: Ledger, clock: Clock, again: (work: Work) => void) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#again = again;
  }

  /** Handles the end of an attempt. A value or an error after an abort is dropped. */
  end(work: Work, outcome: Outcome): void {
    const { aborted, options: { retry } } = work;
    const ended = aborted !== undefined && (aborted.late || "error" in outcome) ? { error: aborted.reason } : outcome;
    if (retry !== undefined && !work.future.done && this.#pause(work, ended)) return;
    this.#ledger.settle(work, ended);
  }

  /**
   * Whether another attempt will follow one that has exceeded its time limit and still runs. The result is kept in
   * `aborted.late`, so that `retryIf` is called once. If none follows, the error gets the earlier ones.
   */
  willRepeat(work: Work, error: unknown): boolean {
    return work.options.retry !== undefined && this.#wantsRetry(work, error);
  }

  /** Allows no further attempts. Paused jobs end with their errors, or as cancelled. */
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

  /**
   * Delays a job before its next attempt. Returns false if there is none; then the outcome carries the earlier errors.
   */
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
    // In every case the end of the job stops its timer and removes it from the paused jobs.
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
    // A job that its caller has aborted is not retried.
    const mayBe = !this.#stopped && work.aborted?.late !== false && canBeSentAgain(work.packet!);
    if (mayBe && wantsRetry(work.options.retry as RetryPlan, error, number)) return true;
    carryErrors(error, earlier);
    return false;
  }
}

/**
 * The arguments of a task for one attempt. Transferred memory is gone after an attempt, so each attempt gets copies.
 */
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

/** A chunk has failed if its last outcome is an error. Chunks of tasks with `retry` have one item. */
function failureOf(work: Work, outcome: Outcome): { readonly error: unknown } | undefined {
  if ("error" in outcome) return outcome;
  const last = work.items > 0 ? (outcome.value as Outcome[]).at(-1) : undefined;
  return last !== undefined && "error" in last ? last : undefined;
}

/** Transferred objects other than memory were consumed by the first attempt. */
function canBeSentAgain(packet: Packet): boolean {
  return packet.attachments.every((item) => item instanceof ArrayBuffer || item instanceof SharedArrayBuffer);
}

function copyOf(blob: ArrayBufferLike): ArrayBufferLike {
  if (blob instanceof ArrayBuffer) return blob.slice(0);
  const copy = new SharedArrayBuffer(blob.byteLength);
  new Uint8Array(copy).set(new Uint8Array(blob));
  return copy;
}
