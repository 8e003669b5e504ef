// Tasks of three_queues.ts, in a module of their own: every worker loads the module of its task.

import { delay } from "@std/async";
import type { Queue, SharedQueue } from "@heddle/heddle/queue";
import type { Event } from "@heddle/heddle/sync";
import { type Task, task } from "@heddle/heddle/task";

/** Tuples are compared element by element, so a priority queue returns the most urgent item first. */
export type Item = [urgency: number, producer: string, count: number];

/** One of the six queues: the tasks depend neither on their order nor on where their items are stored. */
export type AnyQueue = Queue<Item> | SharedQueue<Item>;

/** Puts items into a queue. */
export const produce: Task<[queue: AnyQueue, items: Item[]], Promise<void>> = task(
  import.meta,
  async function produce(queue: AnyQueue, items: Item[]): Promise<void> {
    for (const item of items) await queue.put(item);
  },
);

/** Waits until `open` is set, takes items until the queue is shut down, and returns them in the order of their arrival. */
export const consume: Task<[queue: AnyQueue, open: Event, work: number], Promise<Item[]>> = task(
  import.meta,
  async function consume(queue: AnyQueue, open: Event, work: number): Promise<Item[]> {
    await open.wait();
    const got: Item[] = [];
    for await (const item of queue) {
      got.push(item);
      await delay(work);
      // For a plain queue this sends a message to its owner; for a shared queue there is nothing to wait for.
      await queue.taskDone();
    }
    return got;
  },
);
