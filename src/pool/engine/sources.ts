/**
 * The async iterables among the arguments of a task.
 *
 * @module
 */

import { InvalidStateError } from "../../core/errors.ts";
import { outcomeOf, whenDone } from "../../futures/future.ts";
import { kindOf } from "../../wire/handles.ts";
import { ArgumentSource, endSource, isTouched, setBuffer } from "../../wire/iterables.ts";
import type { Job } from "./job.ts";

/** Ends iterables with the task that reads them. */
export function endWith(job: Job, sources: readonly ArgumentSource[]): void {
  for (const source of sources) setBuffer(source, job.options.bufferSize);
  whenDone(job.future, (future) => {
    const outcome = outcomeOf(future);
    const error = outcome !== undefined && "error" in outcome
      ? outcome.error
      : new InvalidStateError("Cannot read an argument after the end of the task that it belongs to");
    for (const source of sources) endSource(source, error);
  });
}

/** Whether an object beside the arguments can be sent once more: memory is copied, and handles stay where they are. */
export function isRepeatable(item: object): boolean {
  if (item instanceof ArrayBuffer || item instanceof SharedArrayBuffer || typeof item === "function") return true;
  return item instanceof ArgumentSource ? !isTouched(item) : kindOf(item) !== undefined;
}
