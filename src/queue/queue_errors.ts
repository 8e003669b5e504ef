/**
 * What all queues say.
 *
 * @module
 */

import { AbandonedError, QueueShutDownError } from "../core/errors.ts";

/** What queues are used for, as messages begin. */
export const PUT = "Cannot put into a queue", GET = "Cannot get from a queue", JOIN = "Cannot join a queue";

/** A shut queue takes nothing. */
export function refused(item: unknown): QueueShutDownError {
  return new QueueShutDownError("Cannot put into a queue that was shut down", { value: item });
}

/** A shut queue has nothing left. */
export function drained(): QueueShutDownError {
  return new QueueShutDownError("Cannot get from a queue that was shut down and is empty");
}

/** Some items will never be done. */
export function lost(count: number): AbandonedError {
  return new AbandonedError(
    `Cannot join a queue as workers died that had taken items and not finished them: ${count}`,
  );
}
