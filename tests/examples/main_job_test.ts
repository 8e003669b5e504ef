import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { delay } from "@std/async";
import { findDescendants, kill } from "../../scripts/runner/descendants.ts";
import { runExample, type Running, startExample, withFolder } from "./support.ts";

/** Processes are found in /proc, and only there. */
const NEEDS_PROC = process.platform === "linux" ? false : "finds processes by /proc";
/** How long the workers of a program may outlive it, and how often the test looks. */
const CENSUS = 2_000, STEP = 20;
/** How long a program may go on after Ctrl-C. On a machine that is busy elsewhere it may take longer now and then, not always. */
const INTERRUPTED = 1_000, ATTEMPTS = 3;
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

test("main_job.ts ends with 130 within a second of Ctrl-C, while its pools check primes", async () => {
  await withFolder({}, async (folder) => {
    await inTime(async () => {
      const running = startExample("main_job.ts", [folder, "--workers", "2"]);
      // The answers are printed when one thread has found them; then the first pool is opened.
      await printed(running, "1099726899285419 is prime: false\n");
      return await interrupt(running);
    });
  });
});

test("word_count.ts ends with 130 within a second of Ctrl-C, on one thread", async () => {
  await withFolder(largeFiles(), async (folder) => {
    await inTime(async () => {
      const running = startExample("word_count.ts", [folder, "--workers", "2"]);
      // The first line is printed when the counting begins.
      await printed(running, "\n");
      return await interrupt(running);
    });
  });
});

test("word_count.ts ends with 130 on Ctrl-C and takes its processes along", { skip: NEEDS_PROC }, async () => {
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

/** Tries again what took too long. */
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

/** Does what a terminal does: all processes hear of it, the workers too. Returns how long the program went on. */
async function interrupt({ child, ended }: Running): Promise<number> {
  const start = performance.now();
  process.kill(-child.pid!, "SIGINT");
  const { code, signal, stderr } = await ended;
  assertEquals([code, signal], [130, null], stderr);
  // A slow machine may have said how far it was.
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

/** The example leads a session of its own, to which all that it starts belongs. */
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
