// Deadline: 120 s: each test is a program that starts workers.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EXPECTED } from "../fixtures/runners/program.ts";
import { runProgram } from "../support/program.ts";
import { RUNTIME } from "../support/runtime.ts";

const ONLY_NODE_LEAVES_IT_OUT = RUNTIME === "node" ? false : "only Node can be started without a navigator";

test("A program runs without most globals, and with an invalid navigator", async () => {
  const { stdout, stderr, code } = await runProgram("environment.ts");
  assertEquals([code, stdout.trim()], [0, JSON.stringify(EXPECTED)], stderr);
});

test("A program runs on a Node without a navigator", { skip: ONLY_NODE_LEAVES_IT_OUT }, async () => {
  const flags = ["--no-experimental-global-navigator"];
  const { stdout, stderr, code } = await runProgram("quiet_end.ts", { flags, args: ["ThreadPoolExecutor", "done"] });
  assertEquals([code, stdout.trim().split("\n")], [0, ["42", "end of main"]], stderr);
});
