/**
 * Handles tasks beyond the queue limit.
 *
 * @module
 */

import { RejectedError } from "../../core/errors.ts";
import { importModule } from "../../core/import_module.ts";
import type { Outcome } from "../../futures/source.ts";
import { addressOf, type Definition } from "../../task/task.ts";
import { findFunction, type TaskFunction } from "../../worker/function_loader.ts";
import type { Settings } from "../options.ts";

/**
 * The outcome of a task that is rejected or run in the calling loop; undefined if it may wait all the same.
 *
 * @param drop drops a waiting task of the same or a lower priority; false if there is none.
 */
export function overflow(
  settings: Settings,
  definition: Definition,
  args: unknown[],
  drop: (error: RejectedError) => boolean,
): Promise<Outcome> | Outcome | undefined {
  const { name, queueLimit } = settings;
  if (settings.overflow === "wait") return undefined;
  if (settings.overflow === "caller-runs") return runHere(definition, args);
  const error = new RejectedError(`Cannot submit to ${name}: its queue is full (queueLimit is ${queueLimit})`);
  if (settings.overflow === "drop-oldest" && drop(error)) return undefined;
  return { error };
}

async function runHere(definition: Definition, args: unknown[]): Promise<Outcome> {
  try {
    const fn = definition.fn as TaskFunction | undefined ?? await findFunction(addressOf(definition), importModule);
    return { value: await fn(...args) };
  } catch (error) {
    return { error };
  }
}
