// Tests large values, and many of them at once.
// Deadline: 180 s

import { assert, assertEquals } from "@std/assert";
import { transfer } from "../../mod.ts";
import * as tasks from "../fixtures/tasks.ts";
import { ALL, testEach, WORKERS } from "../support/executors.ts";
import { scaled } from "../support/long_run.ts";
import { within } from "../support/poll.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

const MEGABYTES = scaled(10, 100), BYTES = MEGABYTES * 2 ** 20;

testEach(WORKERS, `sends ${MEGABYTES} MB and returns them`, async ({ shared }) => {
  const pool = shared();
  const bytes = new Uint8Array(BYTES);
  for (let i = 0; i < BYTES; i += 4099) bytes[i] = i;
  const back = await within("the bytes", pool.submit(tasks.echo, transfer(bytes)), SLOW_TEST_LIMIT) as Uint8Array;
  assertEquals(back.length, BYTES);
  for (let i = 0; i < BYTES; i += 4099) assert(back[i] === (i & 255), `byte ${i}`);
  assertEquals(await pool.submit(tasks.double, 1), 2);
}, { limit: SLOW_TEST_LIMIT });

testEach(WORKERS, `sends a string of ${MEGABYTES / 2} MB and returns it`, async ({ shared }) => {
  const pool = shared();
  const text = "wool and silk, ".repeat(MEGABYTES / 2 * 2 ** 16);
  const back = await within("the text", pool.submit(tasks.echo, text), SLOW_TEST_LIMIT);
  assert(back === text);
}, { limit: SLOW_TEST_LIMIT });

testEach(ALL, "sends many large values at once without mixing them up", async ({ open }) => {
  const pool = open({ maxWorkers: 2 });
  const futures = Array.from(
    { length: scaled(16, 40) },
    (_, i) => pool.submit(tasks.echo, new Uint8Array(2 ** 20).fill(i)),
  );
  const all = await within("all", Promise.all(futures)) as Uint8Array[];
  for (const [i, bytes] of all.entries()) {
    assertEquals(bytes.length, 2 ** 20);
    assert(bytes[0] === i && bytes.at(-1) === i);
  }
});

testEach(ALL, "refuses values that are nested too deeply, without affecting other tasks", async ({ shared }) => {
  const pool = shared();
  let deep: unknown = 0;
  for (let i = 0; i < 200_000; i++) deep = [deep];
  const error = await pool.submit(tasks.echo, deep).exception();
  assertEquals((error as Error).name, "DataCloneError");
  assert((error as Error).message.endsWith("it is nested too deeply"), (error as Error).message.slice(-100));
  assertEquals(await within("the next task", pool.submit(tasks.double, 1)), 2);
});
