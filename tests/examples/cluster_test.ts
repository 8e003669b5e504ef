import { test } from "node:test";
import process from "node:process";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { noServer } from "../support/cluster/server.ts";
import { runExample, startExample } from "./support.ts";

const NO_SERVER = noServer();

test("cluster_semaphore.ts lets three programs hold five permits, and prints a line for each", {
  skip: NO_SERVER,
}, async () => {
  const { code, stdout, stderr } = await runExample("cluster_semaphore.ts", ["--callers", "4", "--holds", "5"]);
  assertEquals([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  const expected = /^\w+ [\d.]+: 20 permits, after [\d.]+ ms in the middle and [\d.]+ ms at the longest$/;
  assertEquals(lines.slice(0, 3).filter((line) => expected.test(line)).length, 3, stdout);
  assert(/^Never more than [45] at once; there are 5 permits\.$/.test(lines[3]!), stdout);
});

test("cluster_host.ts runs until it is told to end", { skip: NO_SERVER }, async () => {
  const { child, ended } = startExample("cluster_host.ts", ["--workers", "1"]);
  child.stdout!.on("data", (text: string) => text.includes("runs tasks") && process.kill(child.pid!, "SIGTERM"));
  const { code, signal, stdout, stderr } = await ended;
  assertEquals([signal === "SIGTERM" ? 143 : code, stderr], [143, ""]);
  assertStringIncludes(stdout, "runs tasks of the queue images at redis://127.0.0.1:");
});
