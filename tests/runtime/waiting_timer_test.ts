import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { hostTime } from "../../src/runtime/host_time.ts";
import { deferByPort, keepAliveByPort, WaitingTimer } from "../../src/runtime/waiting_timer.ts";
import { RUNTIME } from "../support/runtime.ts";
import { LONG } from "../support/timing.ts";

/** On these runtimes, the names imported from `node:timers` are never fakes. */
const NEVER_FAKE = RUNTIME === "deno" ? "Deno has no use for it: a wait there keeps no loop that a port keeps" : false;

test("WaitingTimer calls once, after its delay", { skip: NEVER_FAKE }, async () => {
  const start = hostTime.now();
  let calls = 0;
  await new Promise<void>((resolve) => {
    new WaitingTimer(
      () => {
        calls++;
        resolve();
      },
      20,
      false,
    );
  });
  assertGreaterOrEqual(hostTime.now() - start, 19);
  assertEquals(calls, 1);
});

test("WaitingTimer.stop() prevents the call, and has no effect after it", { skip: NEVER_FAKE }, async () => {
  let calls = 0;
  const stopped = new WaitingTimer(() => calls++, 1, false);
  stopped.stop();
  stopped.stop();
  new WaitingTimer(() => calls++, LONG, false).stop();
  const fired = await new Promise<WaitingTimer>((resolve) => {
    const timer: WaitingTimer = new WaitingTimer(() => resolve(timer), 5, true);
    // An unreferenced timer keeps no loop alive.
    const release = hostTime.keepAlive();
    new WaitingTimer(release, 10, true);
  });
  fired.stop();
  assertEquals(calls, 0);
});

test("deferByPort() runs functions in order, in a later turn, in the async context of the call", async () => {
  const store = new AsyncLocalStorage<number>();
  const seen: unknown[] = [];
  await new Promise<void>((resolve) => {
    for (const n of [1, 2, 3]) store.run(n, () => deferByPort(() => seen.push(store.getStore())));
    deferByPort(() => deferByPort(resolve));
    queueMicrotask(() => seen.push("microtask"));
  });
  assertEquals(seen, ["microtask", 1, 2, 3]);
});

test("keepAliveByPort() can be released", () => {
  const release = keepAliveByPort();
  assert(typeof release === "function");
  release();
  release();
});
