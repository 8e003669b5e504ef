import { test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { runExample } from "./support.ts";

const LONGEST = /^The longest has 261 steps, and the processor agrees$/m;

test("gpu_or_cpu.ts prints the device, and both devices agree", async () => {
  const { code, stdout } = await runExample("gpu_or_cpu.ts", ["--numbers", "10000", "--parts", "3"]);
  assertEquals(code, 0);
  assertMatch(
    stdout,
    /^The Collatz sequences of 10000 numbers, on the (processor, as|graphics card \().+: \d+\.\d\d s$/m,
  );
  assertMatch(stdout, LONGEST);
});

test("gpu_or_cpu.ts runs on any adapter with --fallback", async () => {
  const { code, stdout } = await runExample("gpu_or_cpu.ts", ["--numbers", "10000", "--fallback", "1"]);
  assertEquals(code, 0);
  assertMatch(stdout, /on the (processor, as there is no adapter|graphics card \(.+\)): /);
  assertMatch(stdout, LONGEST);
});
