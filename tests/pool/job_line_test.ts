import { assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import { JobLine } from "../../src/pool/engine/job_line.ts";
import type { Job } from "../../src/pool/engine/job.ts";
import { now } from "../../src/time/system_clock.ts";
import { add, waitForFile, workerId } from "../fixtures/tasks.ts";
import { ALL, testEach } from "../support/executors.ts";
import { until } from "../support/poll.ts";

/** A job that was submitted some milliseconds ago. */
function job(name: string, priority: number, aging: number, ago: number): Job {
  return { name, options: { priority, aging }, submittedAt: now() - ago } as unknown as Job;
}

function namesOf(line: JobLine): string[] {
  const names: string[] = [];
  for (let first = line.peek(); first !== undefined; first = line.peek()) {
    names.push((first as unknown as { name: string }).name);
    line.shift();
  }
  return names;
}

test("JobLine sends higher priorities first, which may grow while jobs wait", () => {
  const line = new JobLine();
  line.push(job("old", 0, 1, 100_000));
  line.push(job("plain", 50, 0, 0));
  line.push(job("quick", 0, 1_000, 1_000));
  line.push(job("young", 0, 1, 10_000));
  line.push(job("older", 5, 1, 100_000));
  line.push(job("urgent", 5_000, 0, 0));
  assertEquals(namesOf(line), ["urgent", "quick", "older", "old", "plain", "young"]);
  line.push(job("a", 0, 0, 0));
  line.push(job("b", 1, 0, 0));
  assertEquals(namesOf(line), ["b", "a"]);
});

test("JobLine.unshift() puts a job back where it was", () => {
  const line = new JobLine();
  for (const name of ["a", "b", "c"]) line.push(job(name, 1, 1, 0));
  const first = line.peek()!;
  line.shift();
  line.unshift(first);
  assertEquals(namesOf(line), ["a", "b", "c"]);
});

testEach(ALL, "with({ aging }) lets a task that has waited overtake a higher priority", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1 });
  const held = gate();
  const running = pool.submit(waitForFile, held.path, 1);
  await until("it runs", () => pool.stats().workers.busy === 1);
  const order: string[] = [];
  const aged = pool.with({ aging: 1e6 }).submit(workerId).then(() => order.push("aged"));
  await pool.submit(add, 1, 1).exception({ timeout: 20 }).catch(() => {});
  const urgent = pool.with({ priority: 100 }).submit(workerId).then(() => order.push("urgent"));
  held.open();
  await Promise.all([running, aged, urgent]);
  assertEquals(order, ["aged", "urgent"]);
  for (const aging of [-1, NaN, Infinity]) assertThrows(() => pool.with({ aging }), RangeError, "aging");
});
