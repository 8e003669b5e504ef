import { existsSync } from "node:fs";
import host from "node:process";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  activeChildren,
  cpuCount,
  currentProcess,
  parentProcess,
  Process,
  ProcessPoolExecutor,
  Thread,
} from "../../mod.ts";
import { neverEnd } from "../fixtures/tasks.ts";
import { Folder } from "../support/gate.ts";
import { TEST_LIMIT } from "../support/timing.ts";
import { leaveBehind, lookAround } from "../thread/tasks.ts";

const timeout = TEST_LIMIT;
const OWN = { pid: host.pid, name: "MainProcess", daemon: false };

test("currentProcess() is the main process and parentProcess() undefined in the first process", () => {
  assertEquals([currentProcess(), parentProcess()], [OWN, undefined]);
});

test("currentProcess() and parentProcess() describe a process that was started", { timeout }, async () => {
  const process = new Process(lookAround, [], { name: "child", daemon: true }).start();
  // The join keeps the program alive while a daemon runs.
  await process.join();
  assertEquals(process.result.resultNow(), [{ pid: process.pid!, name: "child", daemon: true }, OWN]);
});

test("currentProcess() is the same in all threads", { timeout }, async () => {
  const thread = new Thread(lookAround).start();
  assertEquals(await thread.result, [OWN, undefined]);
  await thread.join();
});

test("currentProcess() has the worker's name in a pool", { timeout }, async () => {
  const pool = new ProcessPoolExecutor({ maxWorkers: 1, name: "hive" });
  const [own, parent] = await pool.submit(lookAround);
  assertEquals([own.name, own.daemon, parent], ["hive 1", false, OWN]);
  await pool.shutdown();
});

test("activeChildren() lists the live children in the order of their start", { timeout }, async () => {
  const [first, second] = [new Process<unknown>(neverEnd), new Process<unknown>(neverEnd)];
  assertEquals(activeChildren(), []);
  second.start();
  first.start();
  assertEquals(activeChildren().map(({ name }) => name), [second.name, first.name]);
  await second.kill();
  assertEquals(activeChildren().map(({ name }) => name), [first.name]);
  await first.kill();
  assertEquals(activeChildren(), []);
});

test("Process ends after the processes it has started", { timeout }, async () => {
  const folder = new Folder();
  const mark = folder.file("mark");
  const process = new Process(leaveBehind, ["Process", 500, mark]).start();
  await process.join();
  assert(existsSync(mark));
  assertEquals(process.exitCode, 0);
  folder.remove();
});

test("cpuCount() is the number of threads that can run at once", () => {
  assertEquals(cpuCount(), navigator.hardwareConcurrency);
});
