import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { findDescendants, kill } from "../../scripts/runner/descendants.ts";
import { runExample, type Running, startExample, withFolder } from "./support.ts";

/** Processes are found in /proc, and only there. */
const NEEDS_PROC = process.platform === "linux" ? false : "finds processes by /proc";
/** How long the workers of a program may outlive it, and how often one looks. */
const CENSUS = 2_000, STEP = 20;
/** A file that takes a moment to count. */
const LARGE = "to be or not to be that is the question\n".repeat(100_000);

test("main_job.ts does both halves and says how long they took", async () => {
  await withFolder({ "a.txt": "one two three" }, async (folder) => {
    const { code, stdout, stderr } = await runExample("main_job.ts", [folder, "--workers", "2"]);
    assertEquals(code, 0, stderr);
    assertEquals(stderr, "");
    assertMatch(stdout, /^(Deno|Bun|Node) \d+\.\d+\.\d+, \d+ cores\n/);
    assertStringIncludes(stdout, "1099726899285419 is prime: false\n");
    assertStringIncludes(stdout, "All three agree on every word.\n");
    assertMatch(stdout, /\nDone in \d+\.\d\d s\.\n$/);
  });
});

test("main_job.ts fails before its first half if there is no folder for the second", async () => {
  await withFolder({}, async (folder) => {
    const missing = join(folder, "missing");
    const { code, stdout, stderr } = await runExample("main_job.ts", [missing]);
    assertEquals([code, stdout, stderr], [1, "", `Cannot count words in ${missing}: it does not exist\n`]);
  });
});

test("word_count.ts ends with 130 on Ctrl-C, on one thread", async () => {
  await withFolder(largeFiles(), async (folder) => {
    const running = startExample("word_count.ts", [folder, "--workers", "2"]);
    // The first line is printed when the counting begins.
    await new Promise<void>((resolve) => running.child.stdout!.once("data", () => resolve()));
    await interrupt(running);
  });
});

test("word_count.ts ends with 130 on Ctrl-C and takes its processes along", { skip: NEEDS_PROC }, async () => {
  await withFolder(largeFiles(), async (folder) => {
    const running = startExample("word_count.ts", [folder, "--workers", "2"]);
    const over = running.ended.then(() => true);
    while (descendantsOf(running).length === 0) {
      assert(!await Promise.race([over, pause()]), "It ended before it had started a process");
    }
    await interrupt(running);
    assertEquals(await whoIsLeft(running), []);
  });
});

/** Does what a terminal does: all processes hear of it, the workers too. */
async function interrupt({ child, ended }: Running): Promise<void> {
  process.kill(-child.pid!, "SIGINT");
  const { code, signal, stderr } = await ended;
  assertEquals([code, signal], [130, null], stderr);
  // A slow machine may have said how far it was.
  assertMatch(stderr, /^(?:[a-z ]+: .* files\n)*Interrupted\n$/);
}

async function whoIsLeft(running: Running): Promise<string[]> {
  const limit = performance.now() + CENSUS;
  while (descendantsOf(running).length > 0 && performance.now() < limit) await pause();
  const left = descendantsOf(running);
  for (const { pid } of left) kill(pid);
  return left.map(({ command }) => command);
}

/** The example leads a session of its own, to which all that it starts belongs. */
function descendantsOf({ child }: Running): { pid: number; command: string }[] {
  return findDescendants("", child.pid!);
}

function pause(): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, STEP, false));
}

function largeFiles(): Record<string, string> {
  return Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`${i}.txt`, LARGE]));
}
