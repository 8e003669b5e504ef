/**
 * Reads outcomes of tasks from jobs and events.
 *
 * @module
 */

import { BrokenExecutorError, WorkerLostError } from "../core/errors.ts";
import type { Outcome } from "../futures/source.ts";
import { carryErrors } from "../futures/retry_plan.ts";
import type { ClusterTask } from "./cluster_task.ts";
import type { Codec } from "./codec.ts";
import { readFailure } from "./failure.ts";

/** An outcome, and whether the task was aborted. */
export interface Ended {
  readonly outcome: Outcome;
  readonly stopped: boolean;
}

/**
 * Reads the result of a completed job.
 *
 * @throws {RangeError} if the text is not a result of this library.
 */
export function readResult(codec: Codec, task: ClusterTask, text: unknown): Ended {
  const value = codec.decode(text);
  const { items } = task;
  if (items !== undefined && items > 1) checkChunk(value, items);
  return { outcome: { value }, stopped: false };
}

/**
 * Reads the reason of a failed job.
 *
 * @throws {RangeError} if it is not one of this library or of the engine.
 */
export function readReason(codec: Codec, task: ClusterTask, reason: unknown): Ended {
  const text = String(reason ?? "");
  const failure = readFailure(codec, text);
  if (failure === undefined) return { outcome: { error: engineError(task, text) }, stopped: false };
  const { error, earlier, stopped } = failure;
  carryErrors(error, earlier);
  return { outcome: { error }, stopped };
}

/** The error of a job that the engine itself has failed. */
function engineError({ name }: ClusterTask, reason: string): Error {
  if (/\bstalled\b/.test(reason)) return new WorkerLostError(`The host that ran task '${name}' was lost (${reason})`);
  return new BrokenExecutorError(`Task '${name}' was failed by the engine: ${reason.slice(0, 1_000)}`);
}

function checkChunk(value: unknown, items: number): void {
  const isChunk = Array.isArray(value) && value.length <= items &&
    value.every((outcome) =>
      typeof outcome === "object" && outcome !== null && ("value" in outcome || "error" in outcome)
    );
  if (!isChunk) throw new RangeError(`Cannot read the results of ${items} items`);
}
