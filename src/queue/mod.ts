/**
 * Queues between those who put and those who get.
 *
 * @module
 */

export {
  InvalidStateError,
  type PutErrorOptions,
  QueueEmptyError,
  QueueFullError,
  QueueShutDownError,
  TimeoutError,
} from "../core/errors.ts";
export type { WaitOptions } from "../core/wait_options.ts";
export { LifoQueue } from "./lifo_queue.ts";
export { PriorityQueue, type PriorityQueueOptions } from "./priority_queue.ts";
export { Queue, type QueueShutdownOptions } from "./queue.ts";
export { SimpleQueue } from "./simple_queue.ts";
