import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { delay } from "@std/async";
import { findDescendants, kill } from "../../scripts/runner/descendants.ts";
import { runExample, type Running, startExample, withFolder } from "./support.ts";

/** Only /proc lists the processes. */
const NEEDS_PROC = process.platform === "linux" ? false : "finds processes by /proc";
/** The limit for workers to outlive their program, and the polling interval of the test. */
const CENSUS = 2_000, STEP = 20;
/** The limit for a program to end after Ctrl-C. On a busy machine it may occasionally take longer, but not in every attempt. */
const INTERRUPTED = 1_000, ATTEMPTS = 3;
/** A file that takes a moment to count. */
const LARGE = "to be or not to be that is the question\n".repeat(100_000);

test("main_job.ts does both halves and prints the time", async () => {
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

test("main_job.ts ends with 130 within a second of Ctrl-C, while its pools check primes", async () => {
  await withFolder({}, async (folder) => {
    await inTime(async () => {
      const running = startExample("main_job.ts", [folder, "--workers", "2"]);
      // The answers are printed when the one-thread run is complete; then the first pool opens.
      await printed(running, "1099726899285419 is prime: false\n");
      return await interrupt(running);
    });
  });
});

test("word_count.ts ends with 130 within a second of Ctrl-C, on one thread", async () => {
  await withFolder(largeFiles(), async (folder) => {
    await inTime(async () => {
      const running = startExample("word_count.ts", [folder, "--workers", "2"]);
      // The first line is printed when counting begins.
      await printed(running, "\n");
      return await interrupt(running);
    });
  });
});

test("word_count.ts ends with 130 on Ctrl-C and ends its processes", { skip: NEEDS_PROC }, async () => {
  await withFolder(largeFiles(), async (folder) => {
    await inTime(async () => {
      const running = startExample("word_count.ts", [folder, "--workers", "2"]);
      const over = running.ended.then(() => true);
      while (descendantsOf(running).length === 0) {
        assert(!await Promise.race([over, pause()]), "It ended before it had started a process");
      }
      const time = await interrupt(running);
      assertEquals(await whoIsLeft(running), []);
      return time;
    });
  });
});

/** Repeats an attempt that took too long. */
async function inTime(attempt: () => Promise<number>): Promise<void> {
  const times: number[] = [];
  while (times.length < ATTEMPTS) {
    times.push(await attempt());
    if (times.at(-1)! < INTERRUPTED) return;
  }
  assert(false, `Took ${times.map((time) => `${Math.round(time)} ms`).join(", ")} to end`);
}

/** Waits until a program has printed something. */
async function printed({ child, ended }: Running, text: string): Promise<void> {
  let stdout = "";
  const found = new Promise<void>((resolve) => {
    child.stdout!.on("data", (chunk: string) => (stdout += chunk).includes(text) && resolve());
  });
  await Promise.race([
    found,
    ended.then(({ stderr }) => assert(false, `It ended without printing ${text}: ${stderr}`)),
  ]);
}

/** Sends Ctrl-C as a terminal does, to all processes including workers. Returns how long the program took to end. */
async function interrupt({ child, ended }: Running): Promise<number> {
  const start = performance.now();
  process.kill(-child.pid!, "SIGINT");
  const { code, signal, stderr } = await ended;
  assertEquals([code, signal], [130, null], stderr);
  // On a slow machine, the program may have printed its progress.
  assertMatch(stderr, /^(?:[a-z ]+: .* files\n)*Interrupted\n$/);
  return performance.now() - start;
}

async function whoIsLeft(running: Running): Promise<string[]> {
  const limit = performance.now() + CENSUS;
  while (descendantsOf(running).length > 0 && performance.now() < limit) await pause();
  const left = descendantsOf(running);
  for (const { pid } of left) kill(pid);
  return left.map(({ command }) => command);
}

/** The example leads a session of its own, which includes all processes that it starts. */
function descendantsOf({ child }: Running): { pid: number; command: string }[] {
  return findDescendants("", child.pid!);
}

async function pause(): Promise<false> {
  await delay(STEP);
  return false;
}

function largeFiles(): Record<string, string> {
  return Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`${i}.txt`, LARGE]));
}
