// A server fails for a while: its client stops calling it, probes it from time to time, and recovers.
//
//   deno run -A scripts/examples/flaky_upstream.ts [--up 400] [--down 800] [--every 4] [picture.svg]   (or bun, or node)
//
// The server is up, then down, then up again, while a client calls it at a fixed interval. The server counts its own
// requests. The picture shows the requests over time.

import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delay } from "@std/async";
import { RejectedError, Throttle } from "@heddle/heddle";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";
import { type Count, drawSteps } from "./support/steps_svg.ts";

/** The width of a step in the picture, in milliseconds. */
const STEP = 40;

/** Starts a server that fails for `down` milliseconds after `up` milliseconds, and records the time of each request. */
async function startServer(up: number, down: number) {
  const start = performance.now();
  const times: number[] = [];
  const isDown = (time: number) => time >= up && time < up + down;
  const server = createServer((_request, response) => {
    const time = performance.now() - start;
    times.push(time);
    response.writeHead(isDown(time) ? 500 : 200).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, start, times, isDown };
}

async function runUpstream(
  { up, down, every }: { up: number; down: number; every: number },
  [picture]: string[],
): Promise<void> {
  const { server, url, start, times, isDown } = await startServer(up, down);
  const cooldown = 100;
  const throttle = new Throttle({
    limit: 20,
    breaker: { failureRate: 0.5, window: 200, minCalls: 10, cooldown, probes: 1, successes: 2 },
  });
  const now = () => Math.round(performance.now() - start);
  for (const type of ["open", "halfopen", "close"] as const) {
    throttle.addEventListener(type, ({ detail }) => console.log(`${now()} ms: ${type} ${detail.key}`));
  }
  let made = 0, failed = 0, rejected = 0;
  const call = async () => {
    made++;
    try {
      const response = await throttle.fetch(url);
      await response.text();
      if (!response.ok) failed++;
    } catch (error) {
      if (!(error instanceof RejectedError)) throw error;
      // No request was sent. error.retryAfter is the time in milliseconds until the next probe.
      rejected++;
    }
  };
  const calls: Promise<void>[] = [];
  while (performance.now() - start < 2 * up + down) {
    calls.push(call());
    await delay(every);
  }
  await Promise.all(calls);
  server.close();
  server.closeAllConnections();
  const whileDown = times.filter(isDown).length;
  console.log(`Of ${made} calls ${failed} failed and ${rejected} were rejected at once.`);
  console.log(`The server received ${times.length} requests, ${whileDown} of them while it was down.`);
  if (rejected === 0) throw new ExampleError("The breaker failed: it has never opened");
  // The requests in progress when the breaker opened, and a probe after each cooldown.
  const most = 10 + 20 + Math.ceil(down / cooldown) + 1;
  if (whileDown > most) {
    throw new ExampleError(
      `The breaker failed: the server received ${whileDown} requests while it was down (at most ${most} expected)`,
    );
  }
  if (picture === undefined) return;
  writeFileSync(
    picture,
    drawSteps(`Requests in ${STEP} ms, down from ${up} to ${up + down} ms`, countsOf(times), STEP / every),
  );
  console.log(`The picture is in ${picture}.`);
}

/** The number of requests in each step. */
function countsOf(times: readonly number[]): Count[] {
  const counts: Count[] = [];
  for (let time = 0; time <= times.at(-1)!; time += STEP) {
    counts.push({ time, count: times.filter((each) => each >= time && each < time + STEP).length });
  }
  return counts;
}

if (import.meta.main) await runWithNumbers({ up: 400, down: 800, every: 4 }, runUpstream);
