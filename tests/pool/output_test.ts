import { assert, assertEquals, assertThrows } from "@std/assert";
import type process from "node:process";
import { inline, InlineExecutor, ProcessPoolExecutor, ThreadPoolExecutor } from "../../mod.ts";
import { testEach, THREADS, WORKERS } from "../support/executors.ts";
import { until } from "../support/poll.ts";

const NODE: boolean = !("Deno" in globalThis) && !("Bun" in globalThis);

testEach(WORKERS, "{ output } gets what workers print, instead of the program", async ({ open }) => {
  const taken: Record<string, string> = { stdout: "", stderr: "" };
  const ids = new Set<number>();
  const pool = open({
    maxWorkers: 1,
    output: (chunk, { workerId, stream }) => {
      ids.add(workerId);
      taken[stream] += new TextDecoder().decode(chunk);
    },
  });
  const prints = inline(() => {
    console.log("logged %d", 1);
    console.error("an error");
    (globalThis as unknown as { process: typeof process }).process.stdout.write("half a line");
  });
  await pool.submit(prints);
  await until("all has come", () => taken.stdout!.endsWith("half a line") && taken.stderr!.includes("an error"));
  assertEquals([taken.stdout, taken.stderr, [...ids]], ["logged 1\nhalf a line", "an error\n", [1]]);
});

testEach(WORKERS, "{ output } is checked, and an InlineExecutor refuses it", () => {
  assertThrows(() => new InlineExecutor({ output: () => {} }), TypeError, "output");
  for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
    assertThrows(() => new Pool({ output: "ignore" as never }), TypeError, "output");
  }
});

testEach([THREADS], "{ resourceLimits } limits threads on Node, and is refused elsewhere", async ({ open }) => {
  const limited = { maxWorkers: 1, resourceLimits: { maxOldGenerationSizeMb: 24 } } as never;
  if (!NODE) return void assertThrows(() => open(limited), TypeError, "execArgs");
  assertThrows(() => new ThreadPoolExecutor({ resourceLimits: { maxOldGenerationSizeMb: 0 } }), RangeError);
  const pool = open(limited);
  const fills = inline(() => {
    const all: unknown[] = [];
    for (;;) all.push(new Array(10_000).fill({}));
  });
  const error = await pool.submit(fills).exception() as Error;
  assert(/memory/i.test(`${error.message} ${(error.cause as Error | undefined)?.message}`), error.message);
});
