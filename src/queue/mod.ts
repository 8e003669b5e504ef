/**
 * Queues between those who put and those who get.
 *
 * @module
 */

export {
  AbandonedError,
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
export { SharedLifoQueue } from "./shared_lifo_queue.ts";
export { SharedPriorityQueue } from "./shared_priority_queue.ts";
export { SharedQueue, type SharedQueueOptions } from "./shared_queue.ts";
export { SimpleQueue } from "./simple_queue.ts";
