// Programs on three runtimes share five permits for a minute, while one of them is killed, one is frozen, and the clock
// of one is wrong. Deadline: 180 s

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
const DURATION = 60_000;
/** How far the clock of one program is ahead, in milliseconds. */
const SKEW = 5_000;
const found = await testServer();
const NO_SERVER = typeof found === "string" ? found : false;
const { server, on } = found as TestServer;
const HOLDER = fileURLToPath(new URL("../fixtures/programs/cluster_holder.ts", import.meta.url));
const FLAGS: Record<string, string[]> = { deno: ["run", "-A", "--no-check"], bun: [], node: [] };

/** The report of a program at its end. */
interface Report {
  readonly waits: readonly [gotAt: number, waited: number][];
  readonly lost: number;
  /**
   * The longest time for which a program held a permit beyond what it wanted: the machine was busy, or it was frozen.
   */
  readonly lag: number;
}

test("faults 8 to 10: ClusterSemaphore has never more than five holders, and each caller is served in time", {
  skip: NO_SERVER,
  timeout: 3 * DURATION,
}, async (context) => {
  const { queue, connection } = on("holders");
  const runtimes = findRuntimes(["deno", "bun", "node"]);
  // One more, to be killed.
  const programs = [...runtimes, runtimes[0]!].map(({ id, binary }, i) => {
    const numbers = [LEASE, DURATION, i === 1 ? SKEW : 0].map(String);
    return spawn(binary, [...FLAGS[id]!, HOLDER, String(server.port), queue!, ...numbers], {
      stdio: ["ignore", "pipe", "inherit"],
    });
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
  const killedAt = Date.now();
  programs.at(-1)!.kill("SIGKILL");
  await delay(DURATION / 6);
  const frozenAt = Date.now();
  // Deno's `kill` of a child sends one signal only.
  process.kill(programs[0]!.pid!, "SIGSTOP");
  await delay(2 * LEASE);
  process.kill(programs[0]!.pid!, "SIGCONT");
  const reports = await Promise.all(ends);
  over = true;
  await watched;
  await permits.close();
  assertEquals(most, 5);
  assertEquals(reports.at(-1), undefined);
  const [frozen, ...others] = reports.slice(0, -1) as Report[];
  // It held permits when it was frozen, and is told so; no other program has lost any.
  assert(frozen!.lost > 0, "the frozen program has lost its permits");
  assertEquals(others.map(({ lost }) => lost), others.map(() => 0));
  // A caller that waited for what a lost program held does not count: one lease after the kill, and one after the
  // freeze.
  const counts = ([gotAt, waited]: readonly [number, number]) =>
    [killedAt, frozenAt].every((lossAt) => gotAt < lossAt || gotAt - waited > lossAt + LEASE);
  const waits = others.flatMap(({ waits }) => waits).filter(counts).map(([, waited]) => waited).sort((a, b) => a - b);
  const [median, longest] = [waits[waits.length >> 1]!, waits.at(-1)!];
  // Other programs of this machine may keep ours from running: permits are held longer then.
  const lag = Math.max(...others.map(({ lag }) => lag));
  const found = `${waits.length} waits: ${median} ms in the middle, ${longest} ms at the longest; a lag of ${lag} ms`;
  context.diagnostic?.(found);
  assert(longest <= 10 * median + lag, found);
});

async function endOf(program: ChildProcess): Promise<Report | undefined> {
  let text = "";
  program.stdout!.setEncoding("utf8").on("data", (chunk: string) => text += chunk);
  await once(program, "close");
  return text === "" ? undefined : JSON.parse(text);
}
