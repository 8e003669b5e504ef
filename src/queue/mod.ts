/**
 * Queues between producers and consumers, within one event loop or between threads.
 *
 * `Queue`, `LifoQueue`, `PriorityQueue` and `SimpleQueue` pass references between the tasks of one event loop.
 * Producers wait while a queue is full, and consumers wait while it is empty:
 *
 * ```ts ignore
 * import { Queue } from "@heddle/heddle";
 *
 * const queue = new Queue<string>(100);
 * async function consume() {
 *   for await (const url of queue) { // ends when the queue is shut down and empty
 *     await fetch(url);
 *     queue.taskDone();
 *   }
 * }
 * const consumers = [consume(), consume()];
 * for (const url of urls) await queue.put(url); // waits while the queue is full
 * await queue.join(); // waits until all items are done
 * queue.shutdown();
 * ```
 *
 * - **Waits.** Waiters are served first come, first served. `put`, `get` and `join` take `{ timeout, signal }`. A wait
 *   that ends early takes no item and leaves none behind. A `get` that times out rejects with `QueueEmptyError`; a
 *   `put` that times out rejects with `QueueFullError`, whose `value` is the item. `tryPut()` and `tryGet()` never
 *   wait.
 * - **Shutdown.** After `shutdown()`, items can be taken but not put. `shutdown({ immediate: true })` discards the
 *   remaining items and counts them as done.
 * - **Priorities.** A `PriorityQueue` returns the lowest item first, and equal items in order of arrival. Items are
 *   numbers, strings, tuples such as `[priority, item]`, or anything with `{ compare }`. `put` of an item that cannot
 *   be compared with one in the queue is a `TypeError`.
 * - **Promises.** `get` of an item that is a promise or a future returns what it resolves with. Wrap the promise in an
 *   object to get the promise itself.
 * - **Other workers.** A queue passed to a task, a thread or a process stays with its owner, which serves it: `put`,
 *   `get`, `join`, `await queue.taskDone()`, `shutdown` and `for await` work there, with the same errors. The owner
 *   must not block its event loop. If a worker dies with unfinished items, `join` rejects with an `AbandonedError`
 *   instead of waiting forever.
 *
 * `SharedQueue`, `SharedLifoQueue` and `SharedPriorityQueue` hold copies of items in memory that all threads share. Two
 * threads can pass several million small values per second, many times more than with messages. `putSync` and `getSync`
 * block the thread:
 *
 * ```ts ignore
 * const jobs = new SharedQueue<Job>({ maxSize: 1_000, bytes: 4 * 1024 * 1024 }); // full when either limit is reached
 * const thread = new Thread(work, [jobs]).start(); // for (;;) handle(jobs.getSync())
 * await jobs.put(job); // rejects if the job cannot travel, or is larger than the queue
 * ```
 *
 * Threads may be terminated at any moment without harm to a shared queue. In other processes, the owner serves the
 * queue.
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
export { Queue, type QueueOptions, type QueueShutdownOptions } from "./queue.ts";
export { SharedLifoQueue } from "./shared/shared_lifo_queue.ts";
export { SharedPriorityQueue } from "./shared/shared_priority_queue.ts";
export { SharedQueue, type SharedQueueOptions } from "./shared/shared_queue.ts";
export { SimpleQueue } from "./simple_queue.ts";
