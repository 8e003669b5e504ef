import { assertEquals } from "@std/assert";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { Thread } from "../../mod.ts";
import * as tasks from "../fixtures/disposal_tasks.ts";
import { add } from "../fixtures/tasks.ts";
import { ALL, PROCESSES, testEach, THREADS, WORKERS } from "../support/executors.ts";
import { until, within } from "../support/poll.ts";
import { LONG, SHORT } from "../support/timing.ts";

const WINDOWS: string | false = process.platform === "win32" && "There are no signals on Windows";

function linesOf(log: string): string[] {
  return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
}

testEach(
  ALL,
  "shutdown() disposes of what the initializer has returned, once in each worker",
  async ({ open, file }) => {
    const log = file("log");
    const pool = open({ maxWorkers: 1, initializer: tasks.open, initArgs: [log] });
    assertEquals(await pool.submit(add, 1, 2), 3);
    assertEquals(linesOf(log), []);
    await pool.shutdown();
    assertEquals(linesOf(log), ["initializer disposed"]);
  },
);

testEach(ALL, "shutdown() waits for an async disposable, for as long as grace", async ({ open, file }) => {
  const [log, other] = [file("log"), file("other")];
  const pool = open({ maxWorkers: 1, initializer: tasks.openLater, initArgs: [log, 20], grace: LONG });
  await pool.submit(add, 1, 2);
  await pool.shutdown();
  assertEquals(linesOf(log), ["begun", "ended"]);
  const slow = open({ maxWorkers: 1, initializer: tasks.openLater, initArgs: [other, LONG], grace: SHORT });
  await slow.submit(add, 1, 2);
  await within("the shutdown", slow.shutdown());
  assertEquals(linesOf(other), ["begun"]);
});

testEach(WORKERS, "idleTimeout and maxTasksPerWorker dispose of what their workers hold", async ({ open, file }) => {
  const [idle, recycled] = [file("idle"), file("recycled")];
  const pool = open({ maxWorkers: 1, idleTimeout: 1, initializer: tasks.open, initArgs: [idle] });
  await pool.submit(add, 1, 2);
  await until("it is idle", () => linesOf(idle).length === 1);
  const other = open({ maxWorkers: 1, maxTasksPerWorker: 1, initializer: tasks.open, initArgs: [recycled] });
  for (let n = 0; n < 3; n++) await other.submit(add, 1, 2);
  await until("all are", () => linesOf(recycled).length === 3);
});

testEach(WORKERS, "shutdown() disposes of the values of a WorkerLocal", async ({ open, file }) => {
  const log = file("log");
  const pool = open({ maxWorkers: 1, initializer: tasks.open, initArgs: [log] });
  await pool.submit(tasks.useLocal, log);
  await pool.submit(tasks.replaceLocal);
  await pool.shutdown();
  assertEquals(linesOf(log), ["second disposed", "initializer disposed"]);
});

testEach([THREADS], "Thread disposes of the values of a WorkerLocal at its end", async ({ file }) => {
  const log = file("log");
  await new Thread(tasks.useLocal, [log]).start().join();
  assertEquals(linesOf(log), ["local disposed"]);
});

testEach([PROCESSES], "SIGTERM has a process dispose of what it holds", async ({ open, file }) => {
  const log = file("log");
  const pool = open({ maxWorkers: 1, initializer: tasks.open, initArgs: [log] });
  const pid = await pool.submit(tasks.useLocal, log);
  process.kill(pid, "SIGTERM");
  await until("it is disposed of", () => linesOf(log).length === 2);
  assertEquals(linesOf(log), ["local disposed", "initializer disposed"]);
  await until("it is gone", () => pool.stats().workers.idle === 0);
}, { skip: () => WINDOWS });
