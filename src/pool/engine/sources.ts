/**
 * The async iterables among the arguments of a task.
 *
 * @module
 */

import { InvalidStateError } from "../../core/errors.ts";
import { outcomeOf, whenDone } from "../../futures/future.ts";
import { type ArgumentSource, endSource, setBuffer } from "../../wire/iterables.ts";
import type { Job } from "./job.ts";

/** Ends the iterables when the task that reads them ends. */
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
