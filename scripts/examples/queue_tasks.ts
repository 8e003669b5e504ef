// The tasks of three_queues.ts. They have a module of their own, as every worker loads the module its task is in.

import { delay } from "@std/async";
import type { Queue, SharedQueue } from "@heddle/heddle/queue";
import type { Event } from "@heddle/heddle/sync";
import { type Task, task } from "@heddle/heddle/task";

/** Tuples are compared item by item, so a queue in the order of its items hands out the most urgent first. */
export type Item = [urgency: number, producer: string, count: number];

/** Any of the six: the tasks need not know in which order items come, nor where they lie. */
export type AnyQueue = Queue<Item> | SharedQueue<Item>;

/** Puts items into a queue. */
export const produce: Task<[queue: AnyQueue, items: Item[]], Promise<void>> = task(
  import.meta,
  async function produce(queue: AnyQueue, items: Item[]): Promise<void> {
    for (const item of items) await queue.put(item);
  },
);

/** Takes items from a queue once it is open, until it is shut down, and returns them in the order in which they came. */
export const consume: Task<[queue: AnyQueue, open: Event, work: number], Promise<Item[]>> = task(
  import.meta,
  async function consume(queue: AnyQueue, open: Event, work: number): Promise<Item[]> {
    await open.wait();
    const got: Item[] = [];
    for await (const item of queue) {
      got.push(item);
      await delay(work);
      // To tell the owner of a queue takes a message; where the memory is shared there is nothing to wait for.
      await queue.taskDone();
    }
    return got;
  },
);
