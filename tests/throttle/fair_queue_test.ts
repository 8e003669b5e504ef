// Tests the order in which a throttle serves its waiters.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import { Throttle } from "../../mod.ts";
import { Callers, settle, still } from "./callers.ts";

test("Throttle.acquire() serves a higher priority first, and equal ones in order", async () => {
  const { throttle } = still({ limit: 1 });
  const callers = new Callers(throttle);
  await callers.call("first");
  const priorities = { a: 0, b: 5, c: -1, d: 5, e: 0.5, f: Infinity };
  for (const [name, priority] of Object.entries(priorities)) void callers.call(name, { priority });
  for (const name of ["first", "f", "b", "d", "e", "a", "c"]) await callers.release(name);
  assertEquals(callers.order, ["first", "f", "b", "d", "e", "a", "c"]);
});

test("Throttle.acquire() serves a key without waiting for the crowd of another", async () => {
  const { throttle } = still({ limit: 4 });
  const callers = new Callers(throttle);
  for (let i = 0; i < 1_000; i++) void callers.call(`busy ${i}`, { key: "busy" });
  for (let i = 0; i < 3; i++) void callers.call(`quiet ${i}`, { key: "quiet" });
  await settle();
  await callers.release("busy 0");
  assertEquals(callers.order.at(-1), "quiet 0");
  await callers.release("busy 1");
  assertEquals(callers.order.at(-1), "quiet 1");
  // Both keys have two permits now, and the quiet key holds no more than its half.
  await callers.release("busy 2");
  assertEquals(callers.order.at(-1), "busy 4");
  throttle.close();
});

test("Throttle.acquire() limits a slow key to its share while others wait", async () => {
  const { throttle } = still({ limit: 4 });
  const callers = new Callers(throttle);
  for (let i = 0; i < 8; i++) void callers.call(`slow ${i}`, { key: "slow" });
  for (let i = 0; i < 200; i++) void callers.call(`fast ${i}`, { key: "fast" });
  await settle();
  await callers.release("slow 0", "slow 1");
  // Two permits of the slow key never return: with plain turns it would soon hold all of them.
  for (let i = 0; i < 150; i++) await callers.release(`fast ${i}`);
  assertEquals(throttle.stats().keys.get("slow")!.active, 2);
  assertEquals(throttle.stats().keys.get("fast")!.active, 2);
  throttle.close();
});

test("Throttle.acquire() takes turns between keys whose work ends at once", async () => {
  const { throttle } = still({ limit: 1 });
  const first = await throttle.acquire();
  const order: string[] = [];
  const runs = ["a", "a", "a", "b", "b", "c"].map((key) => throttle.run(() => void order.push(key), { key }));
  first.release();
  await Promise.all(runs);
  assertEquals(order.join(""), "abcaba");
});

test("Throttle.acquire() keeps the limit of each key and lets other keys pass", async () => {
  const { throttle } = still({ limit: 3, perKey: 1 });
  const callers = new Callers(throttle);
  for (const name of ["a1", "a2", "a3", "b1", "b2", "c1", "d1"]) void callers.call(name, { key: name[0] });
  await settle();
  assertEquals(callers.order, ["a1", "b1", "c1"]);
  await callers.release("c1");
  assertEquals(callers.order.at(-1), "d1");
  await callers.release("a1", "b1");
  assertEquals(callers.order.slice(4), ["a2", "b2"]);
  await callers.release("a2");
  assertEquals(callers.order.at(-1), "a3");
  await callers.release("a3", "b2", "d1");
  assertEquals([throttle.active, throttle.waiting], [0, 0]);
});

test("Throttle.acquire() does not overtake a large weight that is next", async () => {
  const { throttle } = still({ limit: 3 });
  const callers = new Callers(throttle);
  await callers.call("small");
  void callers.call("large", { weight: 3 });
  void callers.call("behind");
  await settle();
  assertEquals(callers.order, ["small"]);
  await callers.release("small");
  assertEquals([callers.order.at(-1), throttle.active], ["large", 3]);
  await callers.release("large");
  assertEquals([callers.order.at(-1), throttle.active], ["behind", 1]);
});

test("Throttle.acquire() serves waiters behind a large weight that leaves", async () => {
  const controller = new AbortController();
  const { throttle } = still({ limit: 3 });
  const others = new Callers(throttle);
  await others.call("small");
  const leaves = throttle.acquire({ weight: 3, signal: controller.signal });
  void others.call("behind", { weight: 2 });
  await settle();
  assertEquals(others.order, ["small"]);
  controller.abort(new Error("enough"));
  await assertRejects(() => leaves, Error, "enough");
  await settle();
  assertEquals(others.order, ["small", "behind"]);
});

test("Throttle remembers all keys in use, and a thousand others", async () => {
  const throttle = new Throttle({ limit: Infinity });
  const held = await throttle.acquire({ key: "held" });
  for (let i = 0; i < 5_000; i++) await throttle.run(() => {}, { key: `host ${i}` });
  const { keys } = throttle.stats();
  assert(keys.size <= 1_002, `${keys.size} keys`);
  assertEquals([keys.get("held")!.active, keys.has("host 4999"), keys.has("host 0")], [1, true, false]);
  held.release();
});
