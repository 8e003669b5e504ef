/**
 * Queues between producers and consumers.
 *
 * `Queue`, `LifoQueue`, `PriorityQueue` and `SimpleQueue` in `./queue` pass references between the tasks of one event loop. Producers
 * wait while a queue is full, and consumers while it is empty:
 *
 * ```ts ignore
 * import { Queue } from "@heddle/heddle";
 *
 * const queue = new Queue<string>(100);
 * async function consume() {
 *   for await (const url of queue) { // ends at the shutdown, once the queue is empty
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
 * - Waiters are served first come, first served. `put`, `get` and `join` take `{ timeout, signal }`; a wait that ends early takes no
 *   item and leaves none behind. A late `get` rejects with `QueueEmptyError`, a late `put` with `QueueFullError`, whose `value` is the
 *   item. `tryPut()` and `tryGet()` never wait.
 * - After `shutdown()` no item can be put, and the items in the queue can still be taken; `shutdown({ immediate: true })` discards
 *   them and counts them as done.
 * - A `PriorityQueue` hands out the lowest first, equal ones in order of arrival: numbers, strings, tuples such as
 *   `[priority, item]`, or anything with `{ compare }`. An item that has no order with one in the queue is a `TypeError` when it is
 *   put.
 * - `get` of a promise, or of a future, gives the value it resolves with: put it into an object to get the promise itself.
 * - A queue that is an argument of a task, a thread or a process stays where it was made and is served from there: `put`, `get`,
 *   `join`, `await queue.taskDone()`, `shutdown` and `for await`, with the same errors. The event loop of its owner must not be blocked. If a
 *   worker dies that took items and did not finish them, `join` rejects with an `AbandonedError` instead of waiting for ever.
 *
 * `SharedQueue`, `SharedLifoQueue` and `SharedPriorityQueue` hold copies in memory that all threads see. Two threads pass some
 * millions of small values a second, many times as many as by messages. `putSync` and `getSync` block the thread:
 *
 * ```ts ignore
 * const jobs = new SharedQueue<Job>({ maxSize: 1_000, bytes: 4 * 1024 * 1024 }); // full when either is reached
 * const thread = new Thread(work, [jobs]).start(); // for (;;) handle(jobs.getSync())
 * await jobs.put(job); // an item that cannot travel is refused with its path, an item that can never fit with both sizes
 * ```
 *
 * A thread may be terminated at any moment without harm to them. In a process their owner serves them.
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
