// Deadline: 240 s
// Tests thousands of requests that end in all possible ways, at a real server that counts them.

import { assert, assertEquals } from "@std/assert";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";
import { Throttle } from "../../mod.ts";
import { scaled } from "../support/long_run.ts";
import { until } from "../support/poll.ts";
import { random } from "../support/random.ts";
import { startServer } from "./server.ts";

const LIMIT = 5;
const REQUESTS = scaled(2_000, 10_000);
/** The time after which the remaining requests are skipped on a busy machine; at least half must run. */
const TIME = 60_000;
const timeout = 200_000;

/** Answers in the way that the path selects. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const later = (fn: () => void, delay = 1) => void setTimeout(fn, delay);
  switch (request.url!.split("/")[1]) {
    case "fail":
      return void request.socket.destroy();
    case "half":
      response.write("x".repeat(100));
      return later(() => request.socket.destroy());
    case "slow":
      response.write("x");
      return later(() => {
        response.write("y");
        later(() => response.end("z"));
      });
    case "late":
      return later(() => response.end("late"), 8);
    case "error":
      return void response.writeHead(500).end("no");
    case "none":
      return void response.writeHead(204).end();
    case "large":
      return void response.end("x".repeat(200_000));
    default:
      return void response.end("hello");
  }
}

const WAYS = ["quick", "quick", "quick", "fail", "half", "slow", "late", "error", "none", "large"];

/** Sends one request that is read, partly read, cancelled or aborted at random. */
async function visit(throttle: Throttle, url: string, chance: () => number): Promise<string> {
  const way = WAYS[Math.floor(chance() * WAYS.length)]!;
  const luck = chance();
  const controller = luck < 0.1 ? new AbortController() : undefined;
  const timer = controller === undefined ? undefined : setTimeout(() => controller.abort(), chance() * 12);
  const options = { key: `${Math.floor(chance() * 3)}`, priority: Math.floor(chance() * 2) };
  try {
    const response = await throttle.fetch(`${url}/${way}`, { signal: controller?.signal ?? null }, {
      ...options,
      ...luck > 0.97 ? { timeout: 3 } : {},
    });
    if (luck < 0.6) await response.text();
    else if (luck < 0.7) await Promise.all([response.clone().text(), response.text()]);
    else if (luck < 0.8) await response.body?.cancel();
    else if (response.body !== null) {
      const reader = response.body.getReader();
      await reader.read();
      if (luck < 0.9) await reader.cancel();
      else while (!(await reader.read()).done);
    }
    return "read";
  } catch (error) {
    return (error as Error).name;
  } finally {
    clearTimeout(timer);
  }
}

test("Throttle.fetch() keeps its limit at a server however the requests end", { timeout }, async () => {
  const seed = Math.floor(performance.timeOrigin) % 100_000;
  const chance = random(seed);
  const server = await startServer(answer);
  try {
    const throttle = new Throttle({ limit: LIMIT });
    const ends = new Map<string, number>();
    const start = performance.now();
    let begun = 0;
    // Start a few hundred at a time, so that only some of them time out.
    await Promise.all(Array.from({ length: 40 }, async () => {
      while (begun < REQUESTS && performance.now() - start < TIME) {
        begun++;
        const end = await visit(throttle, server.url, chance);
        ends.set(end, (ends.get(end) ?? 0) + 1);
      }
    }));
    const found = `seed ${seed}: ${begun} requests: ${JSON.stringify([...ends])}`;
    assert(begun >= REQUESTS / 2, found);
    await until("all permits are back", () => throttle.active === 0);
    const { active, waiting, unread, keys } = throttle.stats();
    assertEquals([active, waiting, unread], [0, 0, 0], found);
    for (const key of keys.values()) assertEquals([key.active, key.waiting], [0, 0], found);
    assertEquals(server.most, LIMIT, found);
    assert(ends.get("TimeoutError")! > 0 && ends.get("AbortError")! > 0 && ends.get("read")! > begun / 2, found);
  } finally {
    await server.close();
  }
});
