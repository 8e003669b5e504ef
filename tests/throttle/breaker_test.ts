// Tests the circuit breakers of a throttle.

import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { test } from "node:test";
import { type BreakerOptions, RejectedError, Semaphore, Throttle } from "../../mod.ts";
import { settle, still } from "./callers.ts";
import { startServer } from "./server.ts";

const BREAKER: BreakerOptions = { failureRate: 0.5, window: 1_000, minCalls: 2, cooldown: 100 };

/** A throttle with a breaker, the dispatched events, and calls that fail or succeed at once. */
function broken(options: Partial<BreakerOptions> = {}) {
  const { throttle, clock } = still({ breaker: { ...BREAKER, ...options } });
  const events: string[] = [];
  for (const type of ["open", "halfopen", "close"] as const) {
    throttle.addEventListener(type, ({ detail }) => events.push(`${type} ${detail.key}`));
  }
  const call = (ok: boolean, key = "a") =>
    throttle.run(() => ok ? "up" : Promise.reject(new Error("down")), { key }).then(
      (value) => value,
      (error: Error) => error instanceof RejectedError ? error : error.message,
    );
  return { throttle, clock, events, call };
}

test("Throttle.breaker opens at its failure rate, rejects at once, and closes after a probe", async () => {
  const { throttle, clock, events, call } = broken();
  assertEquals([await call(true), await call(true), await call(false)], ["up", "up", "down"]);
  assertEquals(throttle.stats().keys.get("a")!.breaker, "closed");
  assertEquals(await call(false), "down");
  assertEquals([events, throttle.stats().keys.get("a")!.breaker], [["open a"], "open"]);
  clock.advance(40);
  const error = await call(true);
  assertInstanceOf(error, RejectedError);
  assertEquals([error.retryAfter, error.message], [60, "Cannot call: its breaker is open (retryAfter is 60)"]);
  assertEquals(await call(true, "b"), "up");
  clock.advance(60);
  assertEquals([await call(true), events], ["up", ["open a", "halfopen a", "close a"]]);
  assertEquals([throttle.stats().keys.get("a")!.breaker, throttle.stats().keys.get("a")!.shed], ["closed", 1]);
});

test("Throttle.breaker opens again when a probe fails", async () => {
  const { clock, events, call } = broken();
  await call(false), await call(false);
  clock.advance(100);
  assertEquals(await call(false), "down");
  assertInstanceOf(await call(true), RejectedError);
  assertEquals(events, ["open a", "halfopen a", "open a"]);
  clock.advance(100);
  assertEquals(await call(true), "up");
});

test("Throttle.breaker forgets failures that are older than its window", async () => {
  const { clock, events, call } = broken();
  await call(false);
  clock.advance(1_001);
  await call(true), await call(false);
  assertEquals(events, ["open a"]);
  const other = broken({ failureRate: 1 });
  await other.call(false);
  other.clock.advance(1_001);
  await other.call(false);
  assertEquals(other.events, []);
  other.clock.advance(900);
  await other.call(false);
  assertEquals(other.events, ["open a"]);
});

for (const [probes, successes] of [[1, 1], [3, 3], [2, 5], [5, 2]] as const) {
  test(`Throttle.breaker half-open admits ${probes} of 100 concurrent calls, and closes after ${successes}`, async () => {
    const { throttle, clock, events, call } = broken({ probes, successes });
    await call(false), await call(false);
    clock.advance(100);
    let succeeded = 0;
    while (events.at(-1) !== "close a") {
      let inside = 0, most = 0, rejected = 0;
      const ends: (() => void)[] = [];
      const calls = Array.from({ length: 100 }, () =>
        throttle.run(async () => {
          most = Math.max(most, ++inside);
          await new Promise<void>((resolve) => ends.push(resolve));
          inside--;
        }, { key: "a" }).catch((error) => {
          assertInstanceOf(error, RejectedError);
          assertEquals(error.retryAfter, 100);
          rejected++;
        }));
      await settle();
      assertEquals([inside, rejected], [probes, 100 - probes]);
      for (const end of ends) {
        assertEquals(events.at(-1), succeeded < successes ? "halfopen a" : "close a");
        end();
        await settle();
        succeeded++;
      }
      await Promise.all(calls);
      assertEquals(most, probes);
    }
    assert(succeeded >= successes && succeeded < successes + probes);
    assertEquals(events, ["open a", "halfopen a", "close a"]);
  });
}

test("Throttle.breaker lets another probe start when one is aborted while running or waiting", async () => {
  const { throttle, clock } = still({ limit: 1, breaker: BREAKER });
  const fail = () => throttle.run(() => Promise.reject(new Error("down")), { key: "a" }).catch(() => {});
  await fail(), await fail();
  clock.advance(100);
  const running = new AbortController(), waiting = new AbortController();
  const probe = throttle.run(
    () => new Promise((_, reject) => (running.signal.onabort = () => reject(running.signal.reason))),
    {
      key: "a",
      signal: running.signal,
    },
  );
  await assertRejects(() => throttle.run(() => {}, { key: "a" }), RejectedError, "half-open (probes is 1)");
  running.abort(new Error("enough"));
  await assertRejects(() => probe, Error, "enough");
  const held = await throttle.acquire();
  const second = throttle.run(() => {}, { key: "a", signal: waiting.signal });
  await assertRejects(() => throttle.run(() => {}, { key: "a" }), RejectedError);
  waiting.abort(new Error("enough"));
  await assertRejects(() => second, Error, "enough");
  await assertRejects(() => throttle.run(() => {}, { key: "a", timeout: 0 }), Error, "within 0 ms");
  held.release();
  await throttle.run(() => {}, { key: "a" });
  assertEquals(throttle.stats().keys.get("a")!.breaker, "closed");
});

test("Throttle.breaker rejects the callers waiting for its key when it opens, and no others", async () => {
  const { throttle } = still({ limit: 1, breaker: { ...BREAKER, minCalls: 1 } });
  const order: string[] = [];
  let fail = () => {};
  const failing = throttle.run(() => new Promise((_, reject) => (fail = () => reject(new Error("down")))), {
    key: "a",
  });
  const rejected = [1, 2, 3].map(() =>
    assertRejects(() => throttle.run(() => {}, { key: "a" }), RejectedError, "open")
  );
  const permit = throttle.acquire({ key: "a" }).then((permit) => (order.push("acquire"), permit));
  const other = throttle.run(() => void order.push("b"), { key: "b" });
  const nameless = throttle.run(() => void order.push("none"));
  fail();
  await assertRejects(() => failing, Error, "down");
  await Promise.all(rejected);
  (await permit).release();
  await Promise.all([other, nameless]);
  assertEquals(order.toSorted(), ["acquire", "b", "none"]);
  assertEquals([throttle.active, throttle.waiting, throttle.stats().keys.get("a")!.shed], [0, 0, 3]);
});

test("Throttle.breaker rejects a caller waiting for a shared semaphore when it opens", async () => {
  const semaphore = new Semaphore(1), throttle = new Throttle({ semaphore, breaker: { ...BREAKER, minCalls: 1 } });
  let fail = () => {};
  const failing = throttle.run(() => new Promise((_, reject) => (fail = () => reject(new Error("down")))), {
    key: "a",
  });
  const next = assertRejects(() => throttle.run(() => {}, { key: "a" }), RejectedError, "open");
  await settle();
  // The permit is released after the breaker has opened.
  fail();
  await assertRejects(() => failing, Error, "down");
  await next;
  assertEquals([semaphore.available, throttle.active, throttle.waiting], [1, 0, 0]);
});

test("Throttle.breaker is shared by calls without a key, and ignores rejections of another throttle", async () => {
  const { throttle, events } = broken();
  const reject = () => throttle.run(() => Promise.reject(new RejectedError("full"))).catch(() => {});
  await reject(), await reject(), await reject();
  assertEquals(events, []);
  for (let i = 0; i < 2; i++) await throttle.run(() => Promise.reject(new Error("down"))).catch(() => {});
  assertEquals(events, ["open "]);
  await assertRejects(() => throttle.wrap(() => "up")(), RejectedError);
});

test("Throttle.breaker.isFailure decides which outcomes count as failures", async () => {
  const seen: unknown[] = [];
  const isFailure = (error: unknown, response: unknown) => {
    seen.push([(error as Error).message, response]);
    return (error as Error).message !== "harmless";
  };
  const { throttle, events } = broken({ isFailure, minCalls: 1, failureRate: 0.1 });
  await throttle.run(() => Promise.reject(new Error("harmless")), { key: "a" }).catch(() => {});
  await throttle.run(() => 1, { key: "a" });
  assertEquals([events, seen], [[], [["harmless", undefined]]]);
  await throttle.run(() => Promise.reject(new Error("down")), { key: "a" }).catch(() => {});
  assertEquals(events, ["open a"]);
});

test("Throttle.breaker applies to fetch and connect, and not to acquire", async () => {
  let status = 500;
  const server = await startServer((_request, response) => response.writeHead(status).end("answer"));
  const throttle = new Throttle({ breaker: { ...BREAKER, cooldown: 60_000 } });
  const fetchOnce = async () => await (await throttle.fetch(server.url)).text();
  status = 429;
  for (let i = 0; i < 4; i++) await fetchOnce(), throttle.resume();
  assertEquals(throttle.stats().keys.get(`127.0.0.1:${server.port}`)!.breaker, "closed");
  status = 503;
  for (let i = 0; i < 4; i++) await fetchOnce();
  const { served } = server;
  await assertRejects(fetchOnce, RejectedError);
  await assertRejects(() => throttle.connect({ hostname: "127.0.0.1", port: server.port }), RejectedError);
  assertEquals(server.served, served);
  (await throttle.acquire({ key: `127.0.0.1:${server.port}` })).release();
  await server.close();
  const gone = new Throttle({ breaker: { ...BREAKER, minCalls: 1, cooldown: 60_000 } });
  await assertRejects(() => gone.connect({ hostname: "127.0.0.1", port: server.port }));
  await assertRejects(() => gone.connect({ hostname: "127.0.0.1", port: server.port }), RejectedError);
});

test("new Throttle() rejects invalid breaker options", () => {
  for (
    const [wrong, Wrong, name] of [
      [{ failureRate: 1.1 }, RangeError, "'breaker.failureRate'"],
      [{ failureRate: NaN }, RangeError, "'breaker.failureRate'"],
      [{ failureRate: "1" }, TypeError, "'breaker.failureRate'"],
      [{ window: 0 }, RangeError, "'breaker.window'"],
      [{ window: undefined }, TypeError, "'breaker.window'"],
      [{ minCalls: 0 }, RangeError, "'breaker.minCalls'"],
      [{ cooldown: -1 }, RangeError, "'breaker.cooldown'"],
      [{ probes: 0 }, RangeError, "'breaker.probes'"],
      [{ successes: 0 }, RangeError, "'breaker.successes'"],
      [{ isFailure: 1 }, TypeError, "'breaker.isFailure'"],
      [{ coolDown: 1 }, TypeError, "cooldown"],
    ] as const
  ) {
    assertThrows(() => new Throttle({ breaker: { ...BREAKER, ...wrong } as never }), Wrong, name);
  }
});
