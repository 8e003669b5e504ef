// A server that handles 4 requests at once gets four times its load: it rejects the excess immediately, so the requests that it
// accepts stay as fast as before.
//
//   deno run -A scripts/examples/shed_load.ts [--limit 4] [--queue 4] [--work 20] [--requests 40]     (or bun, or node)

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delay, pooledMap } from "@std/async";
import { Throttle } from "@heddle/heddle";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";

/** The request times of some clients. */
interface LoadResult {
  /** Milliseconds of each served request, shortest first. */
  served: number[];
  /** Milliseconds of each rejected request, shortest first. */
  shed: number[];
}

/** Runs clients that send one request at a time. A rejected client waits before its next request. */
async function load(url: string, clients: number, requests: number, pause: number): Promise<LoadResult> {
  const result: LoadResult = { served: [], shed: [] };
  const ask = async (): Promise<void> => {
    const start = performance.now();
    const response = await fetch(url);
    await response.text();
    const took = performance.now() - start;
    if (response.status === 200) return void result.served.push(took);
    if (response.headers.get("retry-after") === null) {
      throw new ExampleError(`The throttle failed: answer ${response.status} has no retry-after header`);
    }
    result.shed.push(took);
    // Shorter than the server's retry-after header demands.
    await delay(pause);
  };
  for await (const _ of pooledMap(clients, Array(clients * requests).keys(), ask));
  result.served.sort((a, b) => a - b);
  result.shed.sort((a, b) => a - b);
  return result;
}

function report(what: string, { served, shed }: LoadResult): void {
  const at = (times: number[], share: number) =>
    `${(times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(0)} ms`;
  console.log(
    `${what}: ${served.length} served, half in ${at(served, 0.5)}, 99 % in ${at(served, 0.99)}; ` +
      `${shed.length} rejected, half in ${at(shed, 0.5)}`,
  );
}

async function runServer(
  { limit, queue, work, requests }: { limit: number; queue: number; work: number; requests: number },
): Promise<void> {
  const throttle = new Throttle({ limit, queueLimit: queue });
  let active = 0, most = 0;
  const server = createServer(throttle.nodeHandler(async (_request, response) => {
    most = Math.max(most, ++active);
    await delay(work);
    active--;
    response.end("done");
  }));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    report("As many clients as it can serve", await load(url, limit, requests, work));
    report("Four times as many             ", await load(url, 4 * limit, requests, work));
  } finally {
    server.close();
    server.closeAllConnections();
  }
  if (most > limit) {
    throw new ExampleError(`The throttle failed: ${most} requests were served at once (limit is ${limit})`);
  }
  console.log(`At most ${most} at once; ${throttle.stats().shed} requests were rejected in total.`);
}

if (import.meta.main) await runWithNumbers({ limit: 4, queue: 4, work: 20, requests: 40 }, runServer);
