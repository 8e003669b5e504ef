// Tests the pauses that responses ask for.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { Throttle } from "../../mod.ts";
import { requestedPause } from "../../src/throttle/server_pause.ts";
import { until } from "../support/poll.ts";
import { startServer } from "./server.ts";

const DATE = "Sun, 06 Nov 1994 08:49:37 GMT";
const EPOCH = Date.parse(DATE) / 1_000;

for (
  const [status, headers, pause] of [
    [429, { "retry-after": "3" }, 3_000],
    [503, { "retry-after": "0" }, 0],
    [503, { "retry-after": "1.5" }, 1_500],
    [200, { "retry-after": "3" }, 0],
    [500, { "retry-after": "3" }, 0],
    [429, { date: DATE, "retry-after": "Sun, 06 Nov 1994 08:49:40 GMT" }, 3_000],
    [429, { date: DATE, "retry-after": "Sunday, 06-Nov-94 08:49:40 GMT" }, 3_000],
    [429, { date: DATE, "retry-after": "Sun Nov  6 08:49:40 1994" }, 3_000],
    [429, { date: DATE, "retry-after": "Sun, 06 Nov 1994 08:49:30 GMT" }, 0],
    [429, { date: DATE, "retry-after": "Mon, 06 Nov 1995 08:49:37 GMT" }, 365 * 86_400_000],
    [429, { "retry-after": "31536000" }, 31_536_000_000],
    [429, { "retry-after": "in 5 minutes" }, 0],
    [429, { "retry-after": "-5" }, 0],
    [429, { "retry-after": "2030" }, 2_030_000],
    [429, { "retry-after": "Sun, 99 Nov 1994 88:49:37 GMT" }, 0],
    [429, { "retry-after": "" }, 0],
    [429, {}, 0],
    [200, { "ratelimit-remaining": "0", "ratelimit-reset": "7" }, 7_000],
    [200, { "ratelimit-remaining": "1", "ratelimit-reset": "7" }, 0],
    [200, { "ratelimit-reset": "7" }, 0],
    [429, { "ratelimit-reset": "7" }, 7_000],
    [429, { "ratelimit-reset": "soon" }, 0],
    [429, { "retry-after": "2", "ratelimit-reset": "7", "ratelimit-remaining": "0" }, 2_000],
    [429, { "retry-after": "soon", "ratelimit-reset": "7", "ratelimit-remaining": "0" }, 7_000],
    [200, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "30" }, 30_000],
    [200, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": `${EPOCH + 9}`, date: DATE }, 0],
    [403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": `${EPOCH + 1e9 + 9}`, date: DATE }, 1e12 + 9_000],
    [403, { "x-ratelimit-remaining": "garbage", "x-ratelimit-reset": "30" }, 0],
  ] as const
) {
  test(`requestedPause() of ${status} ${JSON.stringify(headers)} is ${pause}`, () => {
    const asked = requestedPause(new Response(null, { status, headers: headers as Record<string, string> }));
    // A reset of at most 1e9 seconds counts from now.
    assertEquals(asked, "x-ratelimit-reset" in headers && pause === 0 && status === 200 ? (EPOCH + 9) * 1_000 : pause);
  });
}

test("Throttle.fetch() holds back only requests of the key that a response has paused", async () => {
  const arrivals: { path: string; time: number }[] = [];
  let limited = true;
  const server = await startServer((request, response) => {
    arrivals.push({ path: request.url!, time: performance.now() });
    if (limited && request.url === "/a") {
      limited = false;
      response.writeHead(429, { "retry-after": "0.3" }).end();
    } else response.end("ok");
  });
  const throttle = new Throttle({ limit: 10, perKey: 1 });
  const load = async (path: string) => {
    const response = await throttle.fetch(server.url + path, {}, { key: path });
    await response.text();
  };
  await Promise.all([...Array.from({ length: 20 }, () => load("/a")), ...Array.from({ length: 20 }, () => load("/b"))]);
  const ofA = arrivals.filter(({ path }) => path === "/a").map(({ time }) => time);
  const ofB = arrivals.filter(({ path }) => path === "/b").map(({ time }) => time);
  assertEquals([ofA.length, ofB.length], [20, 20]);
  // Timers may fire up to 2 ms early.
  assert(ofA[1]! - ofA[0]! >= 298, `${ofA[1]! - ofA[0]!}`);
  assert(ofB.at(-1)! < ofA[1]!);
  await server.close();
});

test("Throttle.fetch() bounds pauses by maxPause, lists them in stats(), and ends them at resume()", async () => {
  const server = await startServer((_request, response) =>
    response.writeHead(503, { "retry-after": "31536000" }).end()
  );
  const key = `127.0.0.1:${server.port}`;
  for (const [maxPause, most] of [[undefined, 60_000], [500, 500]] as const) {
    const throttle = new Throttle({ limit: 1, maxPause });
    await (await throttle.fetch(server.url)).text();
    await until("the permit is back", () => throttle.active === 0);
    const { paused } = throttle.stats().keys.get(key)!;
    assert(paused > most - 400 && paused <= most, `${paused}`);
    throttle.resume(key);
    await (await throttle.fetch(server.url)).text();
    throttle.close();
  }
  await server.close();
});
