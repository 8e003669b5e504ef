// Tests servers under four times the load that they can handle.

import { assertEquals, AssertionError } from "@std/assert";
import { delay } from "@std/async";
import { createServer } from "node:http";
import { test } from "node:test";
import { Throttle } from "../../mod.ts";
import { SLOW_TEST_LIMIT as timeout } from "../support/timing.ts";
import { type HostServer, NO_SUCH_SERVER, startHostServer } from "./host_server.ts";
import { listening } from "./node_server.ts";

/** The server's concurrency and queue length, and the duration of a request in milliseconds. */
const LIMIT = 4, QUEUE = 2, WORK = 100;
/** The number of served requests after which a client leaves. */
const ROUNDS = 6;
/** The number of attempts: on a busy machine only some runs have good times, but with a bug none has. */
const ATTEMPTS = 5;

interface Times {
  readonly served: number[];
  readonly shed: number[];
}

const work = () => delay(WORK);

async function openNode(throttle: Throttle): Promise<HostServer> {
  return await listening(
    createServer(throttle.nodeHandler((_request, response) => void work().then(() => response.end("done")))),
  );
}

function openHost(throttle: Throttle): HostServer {
  return startHostServer(throttle.handler(() => work().then(() => new Response("done"))));
}

const SERVERS = [
  { name: "Throttle.nodeHandler()", open: openNode, skip: false },
  { name: "Throttle.handler()", open: openHost, skip: NO_SUCH_SERVER },
] as const;

/** Runs clients that send one request after another; a rejected client retries after the duration of a request. */
async function load(url: string, clients: number): Promise<Times> {
  const times: Times = { served: [], shed: [] };
  await Promise.all(Array.from({ length: clients }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now();
      const response = await fetch(url);
      const text = await response.text();
      const took = performance.now() - start;
      const turnedAway = response.status === 503;
      assertEquals([response.status, text], turnedAway ? [503, ""] : [200, "done"]);
      assertEquals(response.headers.has("retry-after"), turnedAway);
      (turnedAway ? times.shed : times.served).push(took);
      if (turnedAway) await work();
    }
  }));
  return times;
}

function quantile(times: readonly number[], share: number): number {
  return times.toSorted((a, b) => a - b)[Math.ceil((times.length - 1) * share)]!;
}

/** Returns a description of wrong times, or nothing. */
function judge(atLimit: Times, beyond: Times): string {
  const [usual, late] = [quantile(atLimit.served, 0.99), quantile(beyond.served, 0.99)];
  if (late > 2 * usual) return `99 % are served in ${late} ms, and in ${usual} ms at the limit`;
  const shed = quantile(beyond.shed, 0.5);
  return shed > WORK / 2 ? `half are turned away in ${shed} ms` : "";
}

for (const { name, open, skip } of SERVERS) {
  test(`${name} keeps its speed at four times the load, and rejects excess requests at once`, {
    timeout,
    skip,
  }, async () => {
    let wrong = "";
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const throttle = new Throttle({ limit: LIMIT, queueLimit: QUEUE });
      const { url, close } = await open(throttle);
      try {
        const atLimit = await load(url, LIMIT);
        assertEquals([atLimit.served.length, atLimit.shed.length], [LIMIT * ROUNDS, 0]);
        const beyond = await load(url, 4 * LIMIT);
        assertEquals(beyond.served.length + beyond.shed.length, 4 * LIMIT * ROUNDS);
        assertEquals(throttle.stats().shed, beyond.shed.length);
        wrong = judge(atLimit, beyond);
      } finally {
        await close();
      }
      if (wrong === "") return;
    }
    throw new AssertionError(wrong);
  });
}
