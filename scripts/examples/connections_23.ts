// 23 connections share a limit of 5: prints a line for each connection and draws how many were open over time.
//
//   deno run -A scripts/examples/connections_23.ts [--connections 23] [--limit 5] [--stay 60] [picture.svg]   (or bun, or node)
//
// The throttle is the client's. The server does not know the limit and counts its connections independently.

import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { delay } from "@std/async";
import { Throttle } from "@heddle/heddle";
import { LiveLines } from "./support/live_lines.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";
import { type Count, drawSteps } from "./support/steps_svg.ts";

/** Starts a server that closes each connection after `stay` milliseconds and records the number of open connections. */
async function startServer(stay: number) {
  const start = performance.now();
  const counts: Count[] = [{ time: 0, count: 0 }];
  let open = 0;
  const note = (change: number) => counts.push({ time: performance.now() - start, count: open += change });
  const server = createServer(async (socket) => {
    note(1);
    socket.on("error", () => {});
    await delay(stay);
    note(-1);
    socket.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port, counts };
}

async function runConnections(
  { connections, limit, stay }: { connections: number; limit: number; stay: number },
  [picture]: string[],
): Promise<void> {
  const { server, port, counts } = await startServer(stay);
  const throttle = new Throttle({ limit });
  const lines = new LiveLines(connections);
  await Promise.all(Array.from({ length: connections }, async (_, i) => {
    const name = `Connection ${i + 1}`;
    lines.set(i, `${name} waits`);
    const socket = await throttle.connect({ hostname: "127.0.0.1", port });
    lines.set(i, `${name} is open: ${throttle.active} of ${limit}`);
    // The client sends nothing; the server closes the connection.
    const closed = once(socket, "close");
    socket.resume();
    await closed;
    lines.set(i, `${name} is closed`);
  }));
  server.close();
  const most = Math.max(...counts.map(({ count }) => count));
  if (most > limit) {
    throw new ExampleError(`The throttle failed: the server had ${most} connections at once (limit is ${limit})`);
  }
  console.log(`The server had ${throttle.stats().done} connections, at most ${most} at once.`);
  if (picture === undefined) return;
  writeFileSync(picture, drawSteps(`${connections} connections, limit ${limit}`, counts, limit));
  console.log(`The picture is in ${picture}.`);
}

if (import.meta.main) await runWithNumbers({ connections: 23, limit: 5, stay: 60 }, runConnections);
