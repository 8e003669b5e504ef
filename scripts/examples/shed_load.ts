// A server that can do 4 things at once is asked for four times as much as it can do: it turns requests away at once, and
// those it serves are served as fast as ever.
//
//   deno run -A scripts/examples/shed_load.ts [--limit 4] [--queue 4] [--work 20] [--requests 40]     (or bun, or node)

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delay, pooledMap } from "@std/async";
import { Throttle } from "@heddle/heddle";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";

/** What came of the requests of some clients. */
interface Tally {
  /** Milliseconds of each request that was served, shortest first. */
  served: number[];
  /** The same of those that were turned away. */
  shed: number[];
}

/** Sends requests, one for each client at a time. A client that was turned away waits before its next request. */
async function load(url: string, clients: number, requests: number, patience: number): Promise<Tally> {
  const tally: Tally = { served: [], shed: [] };
  const ask = async (): Promise<void> => {
    const start = performance.now();
    const response = await fetch(url);
    await response.text();
    const took = performance.now() - start;
    if (response.status === 200) return void tally.served.push(took);
    if (response.headers.get("retry-after") === null) throw new ExampleError(`Got ${response.status} and no time`);
    tally.shed.push(took);
    // Sooner than it was told to.
    await delay(patience);
  };
  for await (const _ of pooledMap(clients, Array(clients * requests).keys(), ask));
  tally.served.sort((a, b) => a - b);
  tally.shed.sort((a, b) => a - b);
  return tally;
}

function report(what: string, { served, shed }: Tally): void {
  const at = (times: number[], share: number) =>
    `${(times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(0)} ms`;
  console.log(
    `${what}: ${served.length} served, half in ${at(served, 0.5)}, 99 % in ${at(served, 0.99)}; ` +
      `${shed.length} turned away, half in ${at(shed, 0.5)}`,
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
  if (most > limit) throw new ExampleError(`Cannot trust the throttle: ${most} were served at once`);
  console.log(`Never more than ${most} at once; ${throttle.stats().shed} in all were turned away.`);
}

if (import.meta.main) await runWithNumbers({ limit: 4, queue: 4, work: 20, requests: 40 }, runServer);
