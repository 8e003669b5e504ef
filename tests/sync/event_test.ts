import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { TimeoutError } from "../../src/core/errors.ts";
import { Event } from "../../src/sync/event.ts";
import { Log } from "../support/log.ts";
import { countingSignal } from "../support/signals.ts";
import { SHORT } from "../support/timing.ts";

test("Event is not set initially; set() and clear() change that repeatedly", () => {
  const event = new Event();
  assertEquals(event.isSet, false);
  event.clear();
  assertEquals(event.isSet, false);
  for (let i = 0; i < 3; i++) event.set();
  assertEquals(event.isSet, true);
  for (let i = 0; i < 3; i++) event.clear();
  assertEquals(event.isSet, false);
});

test("Event.wait() returns at once if the event is set", async () => {
  const event = new Event();
  event.set();
  await event.wait();
  await event.wait({ timeout: 0 });
  event.waitSync();
  event.waitSync({ timeout: 0 });
  assertEquals(event.isSet, true);
});

test("Event.set() wakes all waiters in order of arrival", async () => {
  const event = new Event();
  const log = new Log();
  for (const name of ["a", "b", "c"]) log.follow(name, event.wait());
  assertEquals(await log.take(), []);
  event.set();
  assertEquals([await log.take(), event.isSet], [["a", "b", "c"], true]);
});

test("Event.set() wakes all waiters even if the event is cleared at once, but no later ones", async () => {
  const event = new Event();
  const log = new Log();
  for (const name of ["a", "b"]) log.follow(name, event.wait());
  event.set();
  event.clear();
  log.follow("later", event.wait());
  assertEquals([await log.take(), event.isSet], [["a", "b"], false]);
  event.set();
  assertEquals(await log.take(), ["later"]);
});

test("Event.wait() waits again after clear()", async () => {
  const event = new Event();
  const log = new Log();
  event.set();
  event.clear();
  log.follow("a", event.wait());
  assertEquals(await log.take(), []);
  event.clear();
  assertEquals(await log.take(), []);
  event.set();
  assertEquals(await log.take(), ["a"]);
});

test("Event.set() skips waits that were aborted or timed out", async () => {
  const event = new Event();
  const log = new Log();
  const { controller, signal, listeners } = countingSignal();
  log.follow("aborted", event.wait({ signal }));
  log.follow("late", event.wait({ timeout: 1 }));
  log.follow("live", event.wait());
  controller.abort("gone");
  await assertRejects(() => event.wait({ timeout: SHORT }), TimeoutError);
  assertEquals(await log.take(), ["aborted gone", "late TimeoutError"]);
  event.set();
  assertEquals([await log.take(), listeners()], [["live"], 0]);
});

test("Event.wait() can be called by a waiter that has just been woken", async () => {
  const event = new Event();
  const log = new Log();
  const twice = async () => {
    await event.wait();
    event.clear();
    log.lines.push("once");
    await event.wait();
  };
  log.follow("twice", twice());
  event.set();
  assertEquals(await log.take(), ["once"]);
  event.set();
  assertEquals(await log.take(), ["twice"]);
});
