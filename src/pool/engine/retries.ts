/**
 * Retries: runs a failed task again, or settles its future.
 *
 * @module
 */

import type { Clock } from "../../core/wait_queue.ts";
import type { Outcome } from "../../futures/source.ts";
import type { Packet } from "../../wire/out_of_band.ts";
import type { Settlement } from "./settlement.ts";
import { carryErrors, pauseAfter, type RetryPlan, wantsRetry } from "../../futures/retry_plan.ts";
import { type Attempts, type Job, PAUSED, WAITING } from "./job.ts";

/** Settles jobs that have ended, and keeps jobs between two attempts. */
export class Retries {
  readonly #settlement: Settlement;
  readonly #clock: Clock;
  readonly #again: (job: Job) => void;
  #stopped = false;
  /** The jobs between two attempts. */
  readonly paused: Set<Job> = new Set();

  /** @param again enqueues a job whose delay is over. */
  constructor(settlement: Settlement, clock: Clock, again: (job: Job) => void) {
    this.#settlement = settlement;
    this.#clock = clock;
    this.#again = again;
  }

  /** Handles the end of an attempt. A value or an error after an abort is dropped. */
  end(job: Job, outcome: Outcome): void {
    const { aborted, options: { retry } } = job;
    const told = aborted !== undefined && aborted.left !== true && (aborted.late || "error" in outcome);
    const ended = told ? { error: aborted.reason } : outcome;
    if (retry !== undefined && !job.future.done && this.#pause(job, ended)) return;
    this.#settlement.settle(job, ended);
  }

  /**
   * Whether another attempt will follow one that has exceeded its time limit and still runs. The result is kept in
   * `aborted.late`, so that `retryIf` is called once. If none follows, the error gets the earlier ones.
   */
  willRepeat(job: Job, error: unknown): boolean {
    return job.options.retry !== undefined && this.#wantsRetry(job, error);
  }

  /** Allows no further attempts. Paused jobs end with their errors, or as cancelled. */
  stopRetries(cancel: boolean): void {
    this.#stopped = true;
    for (const job of this.paused) {
      const earlier = [...job.attempts!.earlier];
      const error = earlier.pop();
      if (cancel) this.#settlement.cancelled(job);
      else {
        carryErrors(error, earlier);
        this.#settlement.settle(job, { error });
      }
    }
  }

  /**
   * Delays a job before its next attempt. Returns false if there is none; then the outcome carries the earlier errors.
   */
  #pause(job: Job, outcome: Outcome): boolean {
    const failure = failureOf(job, outcome);
    if (failure === undefined) return false;
    const decided = job.aborted?.late === true && !this.#stopped;
    if (!decided && !this.#wantsRetry(job, failure.error)) return false;
    const plan = job.options.retry as RetryPlan;
    const attempts = job.attempts ??= firstOf(job);
    attempts.earlier.push(failure.error);
    job.stopTimer?.();
    job.state = PAUSED;
    job.worker = undefined;
    job.aborted = undefined;
    this.paused.add(job);
    // In every case the end of the job stops its timer and removes it from the paused jobs.
    const stop = this.#clock.startTimer(pauseAfter(attempts.number, plan), () => {
      this.paused.delete(job);
      job.stopTimer = undefined;
      job.state = WAITING;
      attempts.number++;
      this.#again(job);
    });
    job.stopTimer = () => {
      this.paused.delete(job);
      stop();
    };
    return true;
  }

  #wantsRetry(job: Job, error: unknown): boolean {
    const { number, earlier } = job.attempts ??= firstOf(job);
    // A job that its caller has aborted is not retried.
    const mayBe = !this.#stopped && job.aborted?.late !== false && job.repeatable;
    if (mayBe && wantsRetry(job.options.retry as RetryPlan, error, number)) return true;
    carryErrors(error, earlier);
    return false;
  }
}

/**
 * The arguments of a task for one attempt. Transferred memory is gone after an attempt, so each attempt gets copies.
 */
export function packetFor(job: Job): Packet {
  const packet = job.packet!;
  return job.options.retry === undefined ? packet : copyPacket(packet);
}

/** Copies what is handed over with a value, and would be gone when that was sent. */
export function copyPacket(packet: Packet): Packet {
  if (packet.blobs.length === 0 && packet.attachments.length === 0) return packet;
  return {
    ...packet,
    blobs: packet.blobs.map(copyOf),
    attachments: packet.attachments.map((item) => item instanceof ArrayBuffer ? item.slice(0) : item),
  };
}

function firstOf(job: Job): Attempts {
  return { number: 1, first: job.id, earlier: [] };
}

/** A chunk has failed if its last outcome is an error. Chunks of tasks with `retry` have one item. */
function failureOf(job: Job, outcome: Outcome): { readonly error: unknown } | undefined {
  if ("error" in outcome) return outcome;
  const last = job.items > 0 ? (outcome.value as Outcome[]).at(-1) : undefined;
  return last !== undefined && "error" in last ? last : undefined;
}

function copyOf(blob: ArrayBufferLike): ArrayBufferLike {
  if (blob instanceof ArrayBuffer) return blob.slice(0);
  const copy = new SharedArrayBuffer(blob.byteLength);
  new Uint8Array(copy).set(new Uint8Array(blob));
  return copy;
}
