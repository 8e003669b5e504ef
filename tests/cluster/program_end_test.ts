// Tests that programs with a cluster end by themselves, and on a signal.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { type TestServer, testServer } from "../support/cluster/server.ts";
import { runProgram, startProgram } from "../support/program.ts";

const found = await testServer();
const NO_SERVER = typeof found === "string" ? found : false;
const { server, on } = found as TestServer;

test("a program ends by itself although its ClusterExecutor is open", { skip: NO_SERVER }, async () => {
  const args = [String(server.port), on("idle").queue!];
  const { stdout, stderr, code, late } = await runProgram("cluster_idle.ts", { args });
  assertEquals([stdout, stderr, code, late], ["42\ndrained\n", "", 0, false]);
});

test("gracefulShutdown() drains a ClusterHost", { skip: NO_SERVER }, async () => {
  const args = [String(server.port), on("drained").queue!, "1000"];
  const program = startProgram("cluster_host.ts", { args });
  await program.line(/ready/);
  program.kill("SIGTERM");
  const { stderr, code, late } = await program.end;
  assertEquals([stderr, late], ["", false]);
  assert(code === 143, String(code));
});
