// Tests hosts on three runtimes and their server, killed and frozen while they work: every future settles.
// Deadline: 300 s

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { findRuntimes } from "../../scripts/runner/runtimes.ts";
import { WorkerLostError } from "../../mod.ts";
import { ClusterExecutor } from "../../src/cluster/mod.ts";
import { workFor } from "../fixtures/cluster_tasks.ts";
import { type TestServer, testServer } from "../support/cluster/server.ts";
import { Folder } from "../support/gate.ts";
import { within } from "../support/poll.ts";

const LEASE = 2_000;
const TASKS = 400;
const LIMIT = 60_000;
const found = await testServer({ own: true });
const NO_SERVER = typeof found === "string" ? found : false;
const { server, on } = found as TestServer;
const HOST = fileURLToPath(new URL("../fixtures/programs/cluster_host.ts", import.meta.url));

/** The faults of the hosts and the server half-way. */
type Crash = (hosts: ChildProcess[]) => Promise<void>;

const CRASHES: Record<string, Crash> = {
  "a host that is killed": ([first]) => Promise.resolve(void first!.kill("SIGKILL")),
  "a host that is stopped past its lease": async ([first]) => {
    process.kill(first!.pid!, "SIGSTOP");
    await pause(2 * LEASE);
    process.kill(first!.pid!, "SIGCONT");
  },
  "a server that is killed and started again": async () => {
    await server.kill();
    await pause(500);
    await server.restart();
  },
  "both at once": async ([first]) => {
    first!.kill("SIGKILL");
    await server.kill();
    await pause(500);
    await server.restart();
  },
};

for (const [what, crash] of Object.entries(CRASHES)) {
  for (const onHostLoss of ["retry", "fail"] as const) {
    test(`400 tasks survive ${what} (${onHostLoss})`, { skip: NO_SERVER, timeout: 2 * LIMIT }, async (context) => {
      const folder = new Folder();
      const log = folder.file("runs");
      const options = { ...on(`crash-${onHostLoss}-${what.replaceAll(" ", "-")}`), lease: LEASE };
      const hosts = await Promise.all(runtimes().map((runtime) => startHost(runtime, options.queue!)));
      const cluster = new ClusterExecutor({ ...options, onHostLoss });
      try {
        await cluster.ready();
        const futures = Array.from({ length: TASKS }, (_, n) => cluster.submit(workFor, n, 50, log));
        await within("a quarter", Promise.all(futures.slice(0, TASKS / 4).map((future) => future.exception())), LIMIT);
        await crash(hosts);
        const errors = await within("all", Promise.all(futures.map((future) => future.exception())), LIMIT);
        const lost = errors.filter((error) => error !== undefined);
        for (const error of lost) assert(error instanceof WorkerLostError, String(error));
        for (const [n, future] of futures.entries()) if (errors[n] === undefined) assertEquals(await future, n * n);
        const runs = readFileSync(log, "utf8").trim().split("\n");
        const repeats = runs.length - new Set(runs).size;
        if (onHostLoss === "fail") assertEquals(repeats, 0);
        else assertEquals(lost.length, 0);
        context.diagnostic?.(`${repeats} repeats, ${lost.length} lost`);
      } finally {
        for (const host of hosts) host.kill("SIGKILL");
        await within("the end", cluster.shutdown({ cancelFutures: true }), LIMIT);
        folder.remove();
      }
    });
  }
}

function runtimes(): string[][] {
  const flags: Record<string, string[]> = { deno: ["run", "-A", "--no-check"], bun: [], node: [] };
  return findRuntimes(["deno", "bun", "node"]).map(({ id, binary }) => [binary, ...flags[id]!]);
}

async function startHost([binary, ...flags]: string[], queue: string): Promise<ChildProcess> {
  const host = spawn(binary!, [...flags, HOST, String(server.port), queue, String(LEASE)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: host.stdout! }).once("line", () => resolve());
    host.once("exit", () => reject(new Error("A host has ended")));
  });
  return host;
}

function pause(duration: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, duration));
}
