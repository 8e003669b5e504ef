// Many calls of one actor, and many actors.
// Deadline: 600 s

import { assert, assertEquals } from "@std/assert";
import process from "node:process";
import type { Future } from "../../mod.ts";
import { counter } from "../fixtures/actors.ts";
import { testActors, THREAD_ACTORS } from "../support/actors.ts";
import { until } from "../support/poll.ts";

const CALLS = 100_000;
const ACTORS = 1_000;
/** The number of actors that run at the same time. */
const TOGETHER = 8;
const limit = 280_000;

testActors("keeps the order of 100,000 calls in flight", async ({ make }) => {
  const made = make(counter).start();
  const calls: Future<number>[] = [];
  for (let n = 0; n < CALLS; n++) calls.push(n % 1_000 === 999 ? made.call.addLater(n) : made.call.add(n));
  let before = 0;
  for (const [n, call] of calls.entries()) assertEquals(await call, before += n);
  const order = await made.call.order();
  assertEquals(order.length, CALLS);
  assert(order.every((seen, n) => seen === n));
}, { limit });

testActors("leaves nothing behind after 1,000 were started and ended", async ({ make, kind }) => {
  const listeners = () => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  const controller = new AbortController();
  let added = 0;
  const { addEventListener, removeEventListener } = controller.signal;
  Object.assign(controller.signal, {
    addEventListener(this: AbortSignal, ...args: Parameters<AbortSignal["addEventListener"]>) {
      added++;
      addEventListener.apply(this, args);
    },
    removeEventListener(this: AbortSignal, ...args: Parameters<AbortSignal["removeEventListener"]>) {
      added--;
      removeEventListener.apply(this, args);
    },
  });
  const before = listeners();
  let left = kind === THREAD_ACTORS ? ACTORS : ACTORS / 5;
  const run = async () => {
    while (left-- > 0) {
      const made = make(counter, [left]).start();
      assert(await made.with({ signal: controller.signal }).call.add(1) > 0);
      const way = left % 3;
      if (way === 0) await made.terminate();
      else if (way === 1) await made.stop();
      else await made.call.exit(0).exception();
      await made.join();
      assert(!made.alive);
      void made.result.exception();
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, run));
  assertEquals(added, 0);
  await until("no listener is left", () => listeners() <= before);
}, { limit });
