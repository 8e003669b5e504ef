// Measures a throttle with servers: for clients that call them, and inside them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import pLimit from "p-limit";
import { Throttle } from "../../mod.ts";
import { duel, type DuelOptions } from "./duel.ts";
import { packageVersion } from "./host.ts";
import { type Doer, rowsOf, type Sheet } from "./sheets.ts";
import { geometricMean, timed } from "./stats.ts";

const LIMIT = 10;
const NODE = fileURLToPath(new URL("../../node_modules/node/bin/node", import.meta.url));
const LOAD = fileURLToPath(new URL("../../node_modules/autocannon/autocannon.js", import.meta.url));

/** Sends requests to a server of this program, ten at a time. */
export async function fetching(requests: number, options: DuelOptions): Promise<Sheet> {
  const server = createServer((_request, response) => void response.end("hello")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const limit = pLimit(LIMIT);
  const throttle = new Throttle({ limit: LIMIT });
  const ask = (one: () => Promise<string>) => async () => {
    const texts = await Promise.all(Array.from({ length: requests }, one));
    if (texts.some((text) => text !== "hello")) throw new Error("Wrong answer of the server");
  };
  const ways = {
    "heddle": ask(async () => await (await throttle.fetch(url)).text()),
    "p-limit": ask(() => limit(async () => await (await fetch(url)).text())),
  };
  for (const way of Object.values(ways)) await way();
  const times = await duel({ heddle: () => timed(ways.heddle), "p-limit": () => timed(ways["p-limit"]) }, options);
  server.close();
  server.closeAllConnections();
  const doers: Doer[] = [
    { id: "heddle", name: "heddle Throttle.fetch", group: "ours" },
    { id: "p-limit", name: "fetch and text under p-limit", version: packageVersion("p-limit"), group: "peer" },
  ];
  return {
    id: "fetching",
    title: `fetch, ${LIMIT} at a time`,
    hint: "From a server in the same program; the time per request.",
    rows: rowsOf(doers, { heddle: times.heddle / requests, "p-limit": times["p-limit"] / requests }),
  };
}

type Answer = (request: Request, ...rest: unknown[]) => Response | Promise<Response>;

interface Hosts {
  Deno?: { serve(options: object, answer: Answer): { addr: { port: number }; shutdown(): Promise<void> } };
  Bun?: { serve(options: object): { port: number; stop(now: boolean): Promise<void> } };
}

interface Served {
  readonly port: number;
  stop(): Promise<unknown>;
}

/** Measures requests per second of a server below its limit, bare and under a throttle, sent by another program. */
export async function handling(rounds: number, seconds: number): Promise<Sheet> {
  const throttle = new Throttle({ limit: 1_000 });
  const bare: Answer = () => new Response("hello");
  const starts: Record<string, () => Promise<Served>> = {
    bare: () => serve(bare),
    heddle: () => serve(throttle.handler(bare)),
    "bare node": () => serveNode((_request, response) => void response.end("hello")),
    "heddle node": () => serveNode(throttle.nodeHandler((_request, response) => void response.end("hello"))),
  };
  const { Deno, Bun } = globalThis as Hosts;
  const doers: Doer[] = [
    { id: "heddle", name: "heddle Throttle.handler", group: "ours" },
    { id: "bare", name: "the bare server", group: "raw" },
    { id: "heddle node", name: "heddle Throttle.nodeHandler", group: "ours" },
    { id: "bare node", name: "the bare server of node:http", group: "raw" },
  ];
  const known = doers.filter(({ id }) => Deno !== undefined || Bun !== undefined || id.endsWith("node"));
  const times: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const { id } of round % 2 === 0 ? known : known.toReversed()) {
      const { port, stop } = await starts[id]!();
      (times[id] ??= []).push(1_000 / await load(port, seconds));
      await stop();
    }
  }
  return {
    id: "handling",
    title: "A request to a server",
    hint: "Twenty connections from another program (autocannon); the time per request.",
    rows: rowsOf(known, Object.fromEntries(Object.entries(times).map(([id, all]) => [id, geometricMean(all)]))),
  };
}

async function serve(answer: Answer): Promise<Served> {
  const { Deno, Bun } = globalThis as Hosts;
  if (Deno !== undefined) {
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, answer);
    return { port: server.addr.port, stop: () => server.shutdown() };
  }
  const server = Bun!.serve({ port: 0, hostname: "127.0.0.1", fetch: answer });
  return await Promise.resolve({ port: server.port, stop: () => server.stop(true) });
}

async function serveNode(answer: Parameters<typeof createServer>[1] & object): Promise<Served> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  return { port: (server.address() as AddressInfo).port, stop };
}

/** Returns requests per second. */
async function load(port: number, seconds: number): Promise<number> {
  const args = [LOAD, "--json", "--connections", "20", "--duration", String(seconds), `http://127.0.0.1:${port}/`];
  const child = spawn(NODE, args, { stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => text += chunk);
  await once(child, "close");
  const { requests, errors, non2xx } = JSON.parse(text) as {
    requests: { total: number };
    errors: number;
    non2xx: number;
  };
  if (errors + non2xx > 0) throw new Error(`Wrong answers of the server: ${errors} errors, ${non2xx} refusals`);
  return requests.total / seconds;
}
