// Tests that writes of a task to the channel of its worker do not affect other tasks.

import { assertEquals, assertInstanceOf } from "@std/assert";
import { WorkerLostError } from "../../mod.ts";
import * as faults from "../fixtures/fault_tasks.ts";
import * as tasks from "../fixtures/tasks.ts";
import { PROCESSES, testEach, THREADS } from "../support/executors.ts";
import { within } from "../support/poll.ts";

/** Bytes that are not messages; some of them begin like one. */
const GARBAGE: Record<string, Uint8Array> = {
  text: new TextEncoder().encode("not a message at all, but long enough to be one\n"),
  "one byte": new Uint8Array([0]),
  zeros: new Uint8Array(64),
  "half a frame": new Uint8Array([0x48, 0x65, 0x64, 0x64, 0, 0, 0, 0]),
  "a huge length": new Uint8Array([0x48, 0x65, 0x64, 0x64, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255]),
  "a megabyte": new Uint8Array(2 ** 20).fill(0xa5),
};

for (const descriptor of [3, 4, 5]) {
  testEach([PROCESSES], `survives garbage on descriptor ${descriptor}`, async ({ open, gate }) => {
    const pool = open({ maxWorkers: 2 });
    const { path, open: openGate } = gate();
    const sibling = pool.submit(tasks.waitForFile, path, "sibling");
    for (const [name, bytes] of Object.entries(GARBAGE)) {
      const outcome = await within(name, pool.submit(faults.writeTo, descriptor, bytes).then(String, (error) => error));
      if (typeof outcome !== "string") assertInstanceOf(outcome, WorkerLostError, name);
      assertEquals(await within(`the task after ${name}`, pool.submit(tasks.double, 21).catch(String)), 42);
    }
    openGate();
    assertEquals(await within("the sibling", sibling), "sibling");
  });
}

for (const descriptor of [1, 2]) {
  testEach([PROCESSES], `passes on the bytes that a task writes to descriptor ${descriptor}`, async ({ open }) => {
    const pool = open({ maxWorkers: 1 });
    assertEquals(await pool.submit(faults.writeTo, descriptor, new Uint8Array([0xff, 0xfe, 0, 10])), "written");
    assertEquals(await pool.submit(tasks.double, 1), 2);
    assertEquals(pool.stats().restarts, 0);
  });
}

testEach([THREADS], "ignores messages that a task posts to its thread's port", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  assertEquals(await pool.submit(faults.postRaw), "posted");
  assertEquals(await pool.map(tasks.double, [1, 2, 3]), [2, 4, 6]);
  assertEquals(pool.stats().restarts, 0);
});
