// Deadline: 300 s
// Tests the rates of keys and the total rate at a real server, in the window of every start.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { Throttle } from "../../mod.ts";
import { random } from "../support/random.ts";
import { startServer } from "./server.ts";
import { mostIn } from "./turn_clock.ts";

const KEYS = 200, REQUESTS = 20_000;

test("Throttle.fetch() keeps the rates of 200 keys and the total over 20,000 requests with aborts", {
  timeout: 280_000,
}, async () => {
  const server = await startServer((_request, response) => void response.end("ok"));
  const starts: { path: string; time: number }[] = [];
  const { fetch } = globalThis;
  globalThis.fetch = (input, init) => {
    starts.push({ path: new URL(String(input)).pathname, time: performance.now() });
    return fetch(input, init);
  };
  try {
    const chance = random(11);
    const total = { limit: 300, interval: 100 }, own = { limit: 4, interval: 150 };
    const throttle = new Throttle({ limit: 50, perKey: { limit: 3, rate: own }, rate: total });
    let done = 0, aborted = 0;
    await Promise.all(Array.from({ length: REQUESTS }, async () => {
      const path = `/${Math.floor(chance() * KEYS)}`;
      const controller = new AbortController();
      const timer = chance() < 0.05 ? setTimeout(() => controller.abort(), chance() * 5_000) : undefined;
      try {
        const response = await throttle.fetch(server.url + path, { signal: controller.signal }, { key: path });
        await response.text();
        done++;
      } catch {
        aborted++;
      } finally {
        clearTimeout(timer);
      }
    }));
    await throttle.idle();
    assertEquals(done + aborted, REQUESTS);
    assert(done > 15_000 && aborted > 50, `${done} done, ${aborted} aborted`);
    assert(mostIn(starts.map(({ time }) => time), total.interval) <= total.limit);
    for (let key = 0; key < KEYS; key++) {
      const times = starts.filter(({ path }) => path === `/${key}`).map(({ time }) => time);
      const most = mostIn(times, own.interval);
      assert(most <= own.limit, `${most} starts of key ${key}`);
    }
  } finally {
    globalThis.fetch = fetch;
    await server.close();
  }
});
