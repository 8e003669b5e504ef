// Producers and consumers on threads, over queues of three orders: which consumer gets which items, in which order?
//
//   deno run -A scripts/examples/three_queues.ts [--items 6] [--work 5]        (or bun, or node)
//
// A SharedQueue is in memory that all threads share. A plain Queue stays with the thread that made it, which serves the others:
// the tasks are the same, but every call is a message. The consumers start when all items are in the queue; while items still
// arrive, the order of arrival would hide the order of the queue.

import {
  Event,
  LifoQueue,
  PriorityQueue,
  Queue,
  SharedLifoQueue,
  SharedPriorityQueue,
  SharedQueue,
  ThreadPoolExecutor,
} from "@heddle/heddle";
import { type AnyQueue, consume, type Item, produce } from "./queue_tasks.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";

const PRODUCERS = ["Ann", "Ben"];
const CONSUMERS = ["Cleo", "Dan"];

/** Must hold for any two items of one consumer, in the order in which it got them. */
type Rule = (before: Item, after: Item) => boolean;

const inOrder: Rule = ([, producer, count], [, another, later]) => producer !== another || count < later;
const backwards: Rule = (before, after) => before[1] !== after[1] || inOrder(after, before);
const urgentFirst: Rule = ([urgency], [another]) => urgency <= another;

/** Each order has a queue in shared memory, and one that its owner serves. */
const ORDERS: [order: string, rule: Rule, queues: (new () => AnyQueue)[]][] = [
  ["first in, first out", inOrder, [SharedQueue, Queue]],
  ["last in, first out", backwards, [SharedLifoQueue, LifoQueue]],
  ["lowest first", urgentFirst, [SharedPriorityQueue, PriorityQueue]],
];
const PLACES = ["in shared memory", "served by the main thread"];

async function runQueues({ items, work }: Record<"items" | "work", number>): Promise<void> {
  const goods = PRODUCERS.map((name, i) => goodsOf(name, i, items));
  console.log("4:Ann1 is Ann's first item, and its urgency is 4; the lowest is the most urgent.\n");
  PRODUCERS.forEach((name, i) => console.log(`${name} puts`.padEnd(10), inWords(goods[i]!)));

  const pool = new ThreadPoolExecutor({ maxWorkers: PRODUCERS.length + CONSUMERS.length });
  try {
    for (const [i, place] of PLACES.entries()) {
      for (const [order, rule, queues] of ORDERS) {
        const queue = new queues[i]!();
        console.log(`\n${queue.constructor.name}, ${place}: ${order}`);
        const got = await passOn(pool, queue, goods, work);
        CONSUMERS.forEach((name, i) => console.log(`${name} gets`.padEnd(10), inWords(got[i]!)));
        check(got, rule, goods.flat());
      }
    }
  } finally {
    await pool.shutdown();
  }
  const total = goods.flat().length;
  console.log(`\nFrom each queue, the consumers got all ${total} items, each once and in the order of the queue.`);
}

/** Waits until the producers have put all items, then lets the consumers get them. Returns the items of each consumer. */
async function passOn(pool: ThreadPoolExecutor, queue: AnyQueue, goods: Item[][], work: number): Promise<Item[][]> {
  const open = new Event();
  const consumers = CONSUMERS.map(() => pool.submit(consume, queue, open, work));
  try {
    await pool.starmap(produce, goods.map((items): Parameters<typeof produce> => [queue, items]));
    open.set();
    await queue.join();
  } finally {
    // Ends the loops of the consumers; after a failure they would otherwise wait for ever.
    queue.shutdown({ immediate: true });
    open.set();
  }
  return await Promise.all(consumers);
}

function goodsOf(producer: string, place: number, items: number): Item[] {
  return Array.from({ length: items }, (_, i) => [1 + (5 * i + 2 * place + 3) % 9, producer, i + 1]);
}

function inWords(items: Item[]): string {
  return items.map(([urgency, producer, count]) => `${urgency}:${producer}${count}`).join("  ");
}

function check(got: Item[][], rule: Rule, goods: Item[]): void {
  if (inWords(got.flat().sort(compare)) !== inWords(goods.sort(compare))) {
    throw new ExampleError("The queue failed: an item was lost or duplicated");
  }
  for (const items of got) {
    for (const [i, item] of items.entries()) {
      const wrong = items.slice(i + 1).find((later) => !rule(item, later));
      if (wrong) throw new ExampleError(`The queue failed: ${inWords([item, wrong])} is a wrong order`);
    }
  }
}

function compare([a, x, m]: Item, [b, y, n]: Item): number {
  return a - b || m - n || (x < y ? -1 : 1);
}

if (import.meta.main) await runWithNumbers({ items: 6, work: 5 }, runQueues);
