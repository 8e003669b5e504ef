import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { runExample } from "./support.ts";

/** The six queues; the rule must hold for any two items of one consumer, in the order in which it got them. */
const QUEUES: [title: string, holds: (before: Item, after: Item) => boolean][] = [
  ["SharedQueue, in shared memory: first in, first out", isEarlier],
  ["SharedLifoQueue, in shared memory: last in, first out", isLater],
  ["SharedPriorityQueue, in shared memory: lowest first", isNoLessUrgent],
  ["Queue, served by the main thread: first in, first out", isEarlier],
  ["LifoQueue, served by the main thread: last in, first out", isLater],
  ["PriorityQueue, served by the main thread: lowest first", isNoLessUrgent],
];

interface Item {
  text: string;
  urgency: number;
  producer: string;
  count: number;
}

test("three_queues.ts shows what each consumer got from each queue, in its order", async () => {
  const { code, stdout, stderr } = await runExample("three_queues.ts", ["--items", "9", "--work", "1"]);
  assertEquals([code, stderr], [0, ""]);
  const [head, ...sections] = stdout.trimEnd().split("\n\n").slice(1);
  const last = sections.pop();
  const put = [...itemsOf(head, "Ann puts"), ...itemsOf(head, "Ben puts")];
  // Nine items of each have each urgency once.
  assertEquals(put.map(({ urgency }) => urgency).sort(), [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9]);
  assertEquals(sections.length, QUEUES.length, stdout);
  for (const [i, [title, holds]] of QUEUES.entries()) {
    assertEquals(sections[i]!.split("\n")[0], title);
    const got = ["Cleo gets", "Dan gets"].map((name) => itemsOf(sections[i], name));
    assertEquals(textsOf(got.flat()), textsOf(put));
    for (const items of got) {
      items.forEach((item, place) => assert(items.slice(place + 1).every((after) => holds(item, after)), sections[i]));
    }
  }
  assertEquals(last, "From each queue, the consumers got all 18 items, each once and in the order of the queue.");
});

test("three_queues.ts fails with a clear message on a wrong option", async () => {
  const { code, stdout, stderr } = await runExample("three_queues.ts", ["--items", "0"]);
  const message = "Cannot run as '--items' must be a whole number above 0: current value is 0\n";
  assertEquals([code, stdout, stderr], [1, "", message]);
});

function isEarlier(before: Item, after: Item): boolean {
  return before.producer !== after.producer || before.count < after.count;
}

function isLater(before: Item, after: Item): boolean {
  return before.producer !== after.producer || before.count > after.count;
}

function isNoLessUrgent(before: Item, after: Item): boolean {
  return before.urgency <= after.urgency;
}

function itemsOf(text: string | undefined, name: string): Item[] {
  const line = text?.split("\n").find((line) => line.startsWith(name));
  assert(line !== undefined, `Nothing begins with ${name} in ${text}`);
  return [...line.matchAll(/(\d+):([A-Z][a-z]+)(\d+)/g)].map(([text, urgency, producer, count]) => ({
    text,
    urgency: Number(urgency),
    producer: producer!,
    count: Number(count),
  }));
}

function textsOf(items: Item[]): string[] {
  return items.map(({ text }) => text).sort();
}
