import { test } from "node:test";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { SignalGroup } from "../../src/core/signal_group.ts";
import { packetFor, Retries } from "../../src/pool/engine/retries.ts";
import { announceToNobody } from "../../src/pool/events.ts";
import { Settlement } from "../../src/pool/engine/settlement.ts";
import { TaskEntry } from "../../src/pool/engine/task_entry.ts";
import { checkRetry } from "../../src/futures/retry_plan.ts";
import { Job, PAUSED, SENT, WAITING } from "../../src/pool/engine/job.ts";
import type { Packet } from "../../src/wire/out_of_band.ts";
import { ManualClock } from "../support/manual_clock.ts";

const PLAN = checkRetry("Cannot submit as 'retry'", { maxAttempts: 3, minDelay: 100, jitter: 0 });

/** Creates `Endings` on a manual clock, and the list of work that is queued again. */
function stage() {
  const clock = new ManualClock();
  const again: Job[] = [];
  const settlement = new Settlement(announceToNobody, new SignalGroup<Job>(() => {}));
  const retries = new Retries(settlement, clock, (job) => again.push(job));
  return { clock, again, settlement, retries };
}

function workWith(plan: typeof PLAN | null = PLAN): Job {
  const retry = plan ?? undefined;
  const owner = { cancel: () => false, abort: () => {}, beginNestedWait: () => () => {} };
  const definition = { url: "inline:x", name: "x", source: "x", fn: undefined };
  const job = new Job(owner, new TaskEntry(1, definition), { retry }, 0, undefined);
  job.state = SENT;
  job.packet = packetOf([], []);
  return job;
}

function packetOf(blobs: ArrayBufferLike[], attachments: object[]): Packet {
  return { bytes: new Uint8Array(), start: 0, end: 0, blobs, attachments, moved: [], lent: [] };
}

test("Endings.end() settles work that is not retried", () => {
  const { retries, again } = stage();
  const error = new Error("x");
  const job = workWith(null);
  retries.end(job, { error });
  assertStrictEquals(job.future.exceptionNow(), error);
  const fine = workWith();
  retries.end(fine, { value: 1 });
  assertEquals([fine.future.resultNow(), again.length, retries.paused.size], [1, 0, 0]);
});

test("Endings.end() pauses a task, longer each time, and settles it after the last attempt", () => {
  const { retries, again, clock } = stage();
  const job = workWith();
  for (const pause of [100, 200]) {
    retries.end(job, { error: new Error(`before ${pause}`) });
    assertEquals([job.state, retries.paused.size, job.future.done], [PAUSED, 1, false]);
    clock.advance(pause - 1);
    assertEquals(again.length, 0);
    clock.advance(1);
    assertEquals([again.splice(0).length, job.state, retries.paused.size], [1, WAITING, 0]);
    job.state = SENT;
  }
  assertEquals(job.attempts!.number, 3);
  retries.end(job, { error: new Error("last") });
  const error = job.future.exceptionNow() as Error & { errors: Error[] };
  assertEquals([error.message, error.errors.map((each) => each.message)], ["last", ["before 100", "before 200"]]);
  assertEquals([clock.pending, again.length], [0, 0]);
});

test("Endings leaves no timer for a task that is settled in its pause", () => {
  for (const how of ["dropped", "cancelled", "stopped"] as const) {
    const { retries, settlement, clock, again } = stage();
    const job = workWith();
    const error = new Error("x");
    retries.end(job, { error });
    assertEquals(clock.pending, 1);
    if (how === "dropped") settlement.dropped(job, error);
    if (how === "cancelled") retries.stopRetries(true);
    if (how === "stopped") retries.stopRetries(false);
    assertEquals([clock.pending, retries.paused.size, job.future.done], [0, 0, true]);
    assertEquals(job.future.cancelled, how === "cancelled");
    clock.advance(1_000);
    assertEquals(again.length, 0);
  }
});

test("Endings.stopRetries() lets no task pause again", () => {
  const { retries } = stage();
  retries.stopRetries(false);
  const job = workWith();
  retries.end(job, { error: "x" });
  assertEquals([job.future.exceptionNow(), retries.paused.size], ["x", 0]);
});

test("Endings.end() does not retry aborted work", () => {
  const { retries } = stage();
  for (const late of [false, true]) {
    const job = workWith();
    job.aborted = { reason: "x", late };
    retries.end(job, { error: "x" });
    assertEquals([job.future.done, job.state === PAUSED], [!late, late]);
  }
  retries.stopRetries(true);
});

test("Endings.end() does not retry work with transferred objects that cannot be copied", () => {
  const { retries } = stage();
  const { port1, port2 } = new MessageChannel();
  const job = workWith();
  job.packet = packetOf([], [port1]);
  retries.end(job, { error: "x" });
  assertEquals(job.future.exceptionNow(), "x");
  port1.close();
  port2.close();
});

test("packetFor() copies transferred buffers if a retry may need them", () => {
  const blobs = [new ArrayBuffer(4), new SharedArrayBuffer(4)];
  const kept = new SharedArrayBuffer(4);
  const attachments = [new ArrayBuffer(4), kept];
  const job = workWith();
  const packet = job.packet = packetOf(blobs, attachments);
  const copy = packetFor(job);
  assertEquals([copy.blobs, copy.attachments].map((list) => list.length), [2, 2]);
  assertEquals(copy.blobs.map((blob, i) => [blob === blobs[i], blob.constructor]), [
    [false, ArrayBuffer],
    [false, SharedArrayBuffer],
  ]);
  assertEquals([copy.attachments[0] === attachments[0], copy.attachments[1] === kept], [false, true]);
  const once = workWith(null);
  once.packet = packet;
  assertStrictEquals(packetFor(once), packet);
});
