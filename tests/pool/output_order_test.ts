// Tests that the output of a task in a process is passed on before its future settles.

import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { Process, ProcessPoolExecutor } from "../../mod.ts";
import * as tasks from "../fixtures/print_tasks.ts";

/** Rounds: enough for some results to overtake the output if nothing orders them. */
const ROUNDS = 40;

/** Calls `fn` with a function that returns the captured output of this program. */
async function capturing(fn: (text: () => string) => Promise<void>): Promise<void> {
  const streams = [process.stdout, process.stderr];
  const originals = streams.map((stream) => stream.write);
  let text = "";
  for (const stream of streams) {
    stream.write = ((chunk: string | Uint8Array) => {
      text += typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk);
      return true;
    }) as typeof stream.write;
  }
  try {
    await fn(() => text);
  } finally {
    streams.forEach((stream, i) => stream.write = originals[i]!);
  }
}

test("ProcessPoolExecutor passes on the output of a task before its future settles", async () => {
  await using pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  const late: string[] = [];
  await capturing(async (text) => {
    for (let i = 0; i < ROUNDS; i++) {
      for (const how of ["log", "error", "table", "stdout", "stderr"]) {
        const line = `<${how} ${i}>`;
        if (i % 2 === 0) await pool.submit(tasks.print, how, line);
        else await pool.submit(tasks.printAndFail, how, line).exception();
        if (!text().includes(line)) late.push(line);
      }
    }
  });
  assertEquals(late, []);
});

test("ProcessPoolExecutor settles the futures of printing tasks in the order in which they ended", async () => {
  await using pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  const order: string[] = [];
  const lines = Array.from({ length: ROUNDS }, (_, i) => `<${i}>`);
  await capturing(async (text) => {
    const futures = lines.map((line, i) => pool.submit(tasks.print, i % 3 === 0 ? "log" : "stderr", line));
    for (const future of futures) {
      future.addDoneCallback(() => {
        order.push(future.resultNow());
        assert(text().includes(future.resultNow()));
      });
    }
    await Promise.all(futures);
  });
  assertEquals(order, lines);
});

test("Process passes on its output before join() returns", async () => {
  await capturing(async (text) => {
    const child = new Process(tasks.print, ["log", "<the only line>"]).start();
    await child.join();
    assert(text().includes("<the only line>"));
  });
});
