import { test } from "node:test";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { SignalGroup } from "../../src/core/signal_group.ts";
import { Endings, packetFor } from "../../src/pool/endings.ts";
import { announceToNobody } from "../../src/pool/events.ts";
import { Ledger } from "../../src/pool/ledger.ts";
import { KnownTask } from "../../src/pool/known_task.ts";
import { checkRetry } from "../../src/pool/retry_plan.ts";
import { PAUSED, SENT, WAITING, Work } from "../../src/pool/work.ts";
import type { Packet } from "../../src/wire/baggage.ts";
import { ManualClock } from "../support/manual_clock.ts";

const PLAN = checkRetry("Cannot submit as 'retry'", { maxAttempts: 3, minDelay: 100, jitter: 0 });

/** Creates `Endings` on a manual clock, and the list of work that is queued again. */
function stage() {
  const clock = new ManualClock();
  const again: Work[] = [];
  const ledger = new Ledger(announceToNobody, new SignalGroup<Work>(() => {}));
  const endings = new Endings(ledger, clock, (work) => again.push(work));
  return { clock, again, ledger, endings };
}

function workWith(plan: typeof PLAN | null = PLAN): Work {
  const retry = plan ?? undefined;
  const owner = { cancel: () => false, abort: () => {}, lend: () => () => {} };
  const definition = { url: "inline:x", name: "x", source: "x", fn: undefined };
  const work = new Work(owner, new KnownTask(1, definition), { retry }, 0, undefined);
  work.state = SENT;
  work.packet = packetOf([], []);
  return work;
}

function packetOf(blobs: ArrayBufferLike[], attachments: object[]): Packet {
  return { bytes: new Uint8Array(), start: 0, end: 0, blobs, attachments, moved: [] } as unknown as Packet;
}

test("Endings.end() settles work that is not retried", () => {
  const { endings, again } = stage();
  const error = new Error("x");
  const work = workWith(null);
  endings.end(work, { error });
  assertStrictEquals(work.future.exceptionNow(), error);
  const fine = workWith();
  endings.end(fine, { value: 1 });
  assertEquals([fine.future.resultNow(), again.length, endings.paused.size], [1, 0, 0]);
});

test("Endings.end() pauses a task, longer each time, and settles it after the last attempt", () => {
  const { endings, again, clock } = stage();
  const work = workWith();
  for (const pause of [100, 200]) {
    endings.end(work, { error: new Error(`before ${pause}`) });
    assertEquals([work.state, endings.paused.size, work.future.done], [PAUSED, 1, false]);
    clock.advance(pause - 1);
    assertEquals(again.length, 0);
    clock.advance(1);
    assertEquals([again.splice(0).length, work.state, endings.paused.size], [1, WAITING, 0]);
    work.state = SENT;
  }
  assertEquals(work.attempts!.number, 3);
  endings.end(work, { error: new Error("last") });
  const error = work.future.exceptionNow() as Error & { errors: Error[] };
  assertEquals([error.message, error.errors.map((each) => each.message)], ["last", ["before 100", "before 200"]]);
  assertEquals([clock.pending, again.length], [0, 0]);
});

test("Endings leaves no timer for a task that is settled in its pause", () => {
  for (const how of ["dropped", "cancelled", "stopped"] as const) {
    const { endings, ledger, clock, again } = stage();
    const work = workWith();
    const error = new Error("x");
    endings.end(work, { error });
    assertEquals(clock.pending, 1);
    if (how === "dropped") ledger.dropped(work, error);
    if (how === "cancelled") endings.stopRetries(true);
    if (how === "stopped") endings.stopRetries(false);
    assertEquals([clock.pending, endings.paused.size, work.future.done], [0, 0, true]);
    assertEquals(work.future.cancelled, how === "cancelled");
    clock.advance(1_000);
    assertEquals(again.length, 0);
  }
});

test("Endings.stopRetries() lets no task pause again", () => {
  const { endings } = stage();
  endings.stopRetries(false);
  const work = workWith();
  endings.end(work, { error: "x" });
  assertEquals([work.future.exceptionNow(), endings.paused.size], ["x", 0]);
});

test("Endings.end() does not retry aborted work", () => {
  const { endings } = stage();
  for (const late of [false, true]) {
    const work = workWith();
    work.aborted = { reason: "x", late };
    endings.end(work, { error: "x" });
    assertEquals([work.future.done, work.state === PAUSED], [!late, late]);
  }
  endings.stopRetries(true);
});

test("Endings.end() does not retry work with transferred objects that cannot be copied", () => {
  const { endings } = stage();
  const { port1, port2 } = new MessageChannel();
  const work = workWith();
  work.packet = packetOf([], [port1]);
  endings.end(work, { error: "x" });
  assertEquals(work.future.exceptionNow(), "x");
  port1.close();
  port2.close();
});

test("packetFor() copies transferred buffers if a retry may need them", () => {
  const blobs = [new ArrayBuffer(4), new SharedArrayBuffer(4)];
  const kept = new SharedArrayBuffer(4);
  const attachments = [new ArrayBuffer(4), kept];
  const work = workWith();
  const packet = work.packet = packetOf(blobs, attachments);
  const copy = packetFor(work);
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
