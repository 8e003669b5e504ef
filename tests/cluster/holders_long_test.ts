// Programs on three runtimes share five permits while one of them is killed and another one is frozen.
// Deadline: 120 s

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async";
import * as bullmq from "bullmq";
import { findRuntimes } from "../../scripts/runner/runtimes.ts";
import { jobIdOf } from "../../src/cluster/task_id.ts";
import { type TestServer, testServer } from "../support/cluster/server.ts";

const LEASE = 2_000;
const DURATION = 15_000;
const found = await testServer();
const NO_SERVER = typeof found === "string" ? found : false;
const { server, on } = found as TestServer;
const HOLDER = fileURLToPath(new URL("../fixtures/programs/cluster_holder.ts", import.meta.url));
const FLAGS: Record<string, string[]> = { deno: ["run", "-A", "--no-check"], bun: [], node: [] };

test("ClusterSemaphore has never more than five holders, and nobody waits for long", {
  skip: NO_SERVER,
  timeout: 90_000,
}, async () => {
  const { queue, connection } = on("holders");
  const runtimes = findRuntimes(["deno", "bun", "node"]);
  const programs = [...runtimes, runtimes[0]!].map(({ id, binary }) => {
    const args = [...FLAGS[id]!, HOLDER, String(server.port), queue!, String(LEASE), String(DURATION)];
    return spawn(binary, args, { stdio: ["ignore", "pipe", "inherit"] });
  });
  const ends = programs.map(endOf);
  const permits = new bullmq.Queue(`${queue}-permits-${jobIdOf("five")}`, { connection });
  let most = 0;
  let over = false;
  const watched = (async () => {
    while (!over) {
      most = Math.max(most, (await permits.getJobCounts("active")).active!);
      await delay(5);
    }
  })();
  await delay(DURATION / 3);
  programs.at(-1)!.kill("SIGKILL");
  await delay(LEASE);
  // Deno's `kill` of a child sends one signal only.
  process.kill(programs[0]!.pid!, "SIGSTOP");
  await delay(2 * LEASE);
  process.kill(programs[0]!.pid!, "SIGCONT");
  const waits = await Promise.all(ends);
  over = true;
  await watched;
  await permits.close();
  assertEquals(most, 5);
  // All but the killed one have ended by themselves; the frozen one has waited for itself.
  for (const [median, longest] of waits.slice(1, -1) as [number, number][]) {
    assert(longest <= 10 * median + 2 * LEASE, `${longest} ms at the longest, ${median} ms in the middle`);
  }
  assertEquals(waits.at(-1), undefined);
});

async function endOf(program: ChildProcess): Promise<[number, number] | undefined> {
  let text = "";
  program.stdout!.setEncoding("utf8").on("data", (chunk: string) => text += chunk);
  await once(program, "close");
  return text === "" ? undefined : JSON.parse(text);
}
