/**
 * Messages and errors that all queues share.
 *
 * @module
 */

import { AbandonedError, QueueShutDownError } from "../core/errors.ts";

/** The beginnings of messages. */
export const PUT = "Cannot put into a queue", GET = "Cannot get from a queue", JOIN = "Cannot join a queue";

/** The error of a put after shutdown. */
export function refused(item: unknown): QueueShutDownError {
  return new QueueShutDownError("Cannot put into a queue that was shut down", { value: item });
}

/** The error of a get from an empty queue after shutdown. */
export function drained(): QueueShutDownError {
  return new QueueShutDownError("Cannot get from a queue that was shut down and is empty");
}

/** The error of `join` when items were lost. */
export function lost(count: number): AbandonedError {
  return new AbandonedError(
    `Cannot join a queue: workers ended before they finished their items (number of lost items is ${count})`,
  );
}
