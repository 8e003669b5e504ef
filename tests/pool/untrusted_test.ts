// Tests that a task that misuses the channel of its worker loses at most that worker: other tasks and the shutdown go
// on.

import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { WorkerLostError } from "../../mod.ts";
import type { Future } from "../../src/futures/future.ts";
import * as op from "../../src/wire/message.ts";
import * as attacks from "../fixtures/attack_tasks.ts";
import * as tasks from "../fixtures/tasks.ts";
import { type Pool, PROCESSES, type Stage, testEach, THREADS } from "../support/executors.ts";
import { within } from "../support/poll.ts";
import { RUNTIME } from "../support/runtime.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

/** Frames that a process may write but that the channel does not allow. */
const FRAMES: Record<string, Uint8Array> = {
  "records that are none": frame(0, 64, 0, 64),
  "a length of 2 GiB": frame(0, 2 ** 31, 0, 0),
  "millions of blobs": frame(0, 0, 2 ** 24, 0),
  "the next number": frame(2, 8, 0, 8),
  zeros: new Uint8Array(64),
};

/** A method call: call number, object number, context, method and arguments. */
const CALL = [op.REQUEST, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 3, 103, 101, 116, 1, 0, 0, 0, 0];

/** Records that no worker writes, to be sent in a valid frame. */
const RECORDS: Record<string, number[]> = {
  "an unknown operation": [200],
  "an operation of the pool": [op.SETUP, 0, 0, 0, 0],
  "an answer to no task": [op.DONE, 1, 2, 3, 4, ...Array(28).fill(0), 1, 0, 0, 0, 0],
  "half an answer": [op.DONE, 1],
  "a chunk of four billion results": [op.CHUNK_DONE, 1, 2, 3, 4, ...Array(24).fill(0), 255, 255, 255, 255],
  "a failed set-up": [op.SETUP_FAILED, 1, 0, 0, 0, 0],
  "memory by its name": [op.BULK, 1, 0],
  "a value beyond the frame": [op.FAULT, 255, 255, 255, 127],
  "an answer after a time that is none": [op.DONE, 0, 0, 0, 0, ...Array(24).fill(255)],
  "a call of nothing": [op.REQUEST, 0, 0, 0, 0],
  "two calls of one number": [...CALL, ...CALL],
  "a permit that no call has": [op.GIVE_BACK, 5, 0, 0, 0],
  "that it is ready, again": [op.READY],
  "that it cannot load the program": [op.REFUSED, 1, 0, 0, 0, 0],
};

function frame(number: number, size: number, blobs: number, behind: number): Uint8Array {
  const bytes = new Uint8Array(16 + behind).fill(0xaa, 16);
  const view = new DataView(bytes.buffer);
  [0x64_64_65_48, number, size, blobs].forEach((value, i) => view.setUint32(4 * i, value, true));
  return bytes;
}

/** A pool that tasks attack one after another. */
class Target {
  readonly #pool: Pool;
  readonly #others: Future<unknown>;
  readonly #openGate: () => void;
  #attacks = 0;

  constructor({ open, gate }: Stage) {
    this.#pool = open({ maxWorkers: 2 });
    const { path, open: openGate } = gate();
    this.#openGate = openGate;
    this.#others = this.#pool.submit(tasks.waitForFile, path, "sibling");
  }

  /**
   * Lets a task attack while another task runs and others wait; returns its error.
   *
   * @param cutsOff whether the attack cuts the channel: tasks already sent to the worker may have started, and are lost
   * too.
   */
  async attack(name: string, submit: (pool: Pool) => Future<unknown>, cutsOff = false): Promise<unknown> {
    this.#attacks++;
    const victim = submit(this.#pool);
    const behind = [1, 2, 3].map((n) => this.#pool.submit(tasks.double, n));
    const error = await within(name, victim.exception());
    const outcomes = await within(`the tasks behind ${name}`, Promise.allSettled(behind));
    for (const [place, outcome] of outcomes.entries()) {
      if (outcome.status === "fulfilled") assertEquals(outcome.value, 2 * (place + 1));
      else if (cutsOff) assertInstanceOf(outcome.reason, WorkerLostError, name), this.#attacks++;
      else throw outcome.reason;
    }
    assertEquals(await within(`the task after ${name}`, this.#pool.submit(tasks.double, 21)), 42);
    return error;
  }

  async end(): Promise<void> {
    this.#openGate();
    assertEquals(await within("the sibling", this.#others), "sibling");
    await within("the shutdown", this.#pool.shutdown());
    const { lost, failed } = this.#pool.stats();
    assert(lost <= this.#attacks && failed <= this.#attacks, `${lost} lost, ${failed} failed`);
  }
}

testEach([THREADS], "survives tasks that post to their thread's port", async (stage) => {
  const target = new Target(stage);
  for (const name of attacks.postNames) {
    const error = await target.attack(name, (pool) => pool.submit(attacks.post, name));
    // The host cannot post a value that is nested too deeply for it.
    if (error !== undefined) assertInstanceOf(error, RangeError, name);
  }
  await target.end();
});

testEach([THREADS], "survives tasks that post and return deeply nested values", async (stage) => {
  const target = new Target(stage);
  for (const [posted, returned] of [[5_000, 0], [0, 5_000], [0, 200_000]] as const) {
    const name = `${posted} levels posted and ${returned} returned`;
    const error = await target.attack(name, (pool) => pool.submit(attacks.postDeep, posted, returned));
    if (error !== undefined && !(error instanceof WorkerLostError)) assert(error instanceof Error, name);
    if (returned > 100_000) assert(error !== undefined, name);
  }
  await target.end();
});

testEach([THREADS], "survives tasks that disable their thread's port", async (stage) => {
  const target = new Target(stage);
  for (const how of ["removeAllListeners", "close", "unref"]) {
    const error = await target.attack(how, (pool) => pool.submit(attacks.disturbPort, how));
    // Deno does not implement this method.
    if (error !== undefined) assertMatch((error as Error).message, /[Nn]ot implemented/);
  }
  await target.end();
});

testEach([PROCESSES], "survives tasks that write frames to the channel", async (stage) => {
  const target = new Target(stage);
  for (const [name, bytes] of Object.entries(FRAMES)) {
    const error = await target.attack(name, (pool) => pool.submit(attacks.writeFrame, bytes));
    if (error !== undefined) assertInstanceOf(error, WorkerLostError, name);
  }
  await target.end();
});

testEach([PROCESSES], "survives tasks that close the descriptors of the channel", async (stage) => {
  const target = new Target(stage);
  for (const how of ["closeSync", "close", "socket"]) {
    for (const descriptors of [[3], [4], [3, 4]]) {
      const name = `${how} of ${descriptors}`;
      // Node's modules import these functions by name, so replacing them there has no effect.
      const closes = how === "socket" || RUNTIME !== "node";
      const error = await target.attack(
        name,
        (pool) => pool.submit(attacks.closeDescriptors, how, descriptors),
        closes,
      );
      if (!closes) assertEquals(error, undefined, name);
      if (error !== undefined) assertInstanceOf(error, WorkerLostError, name);
    }
  }
  await target.attack("the removal of listeners", (pool) => pool.submit(attacks.removeListeners));
  await target.end();
});

testEach([PROCESSES], "survives tasks that forge records", async ({ open }) => {
  const all = Object.entries(RECORDS);
  // Only the first task of a process knows the number of its frame, and three lost processes in a row would break the
  // pool.
  for (let i = 0; i < all.length; i += 2) {
    const pool = open({ maxWorkers: 1 });
    const pair = all.slice(i, i + 2);
    const victims = pair.map(([, records]) => pool.submit(attacks.forgeFrame, Uint8Array.from(records)));
    const behind = pool.submit(tasks.double, 1);
    for (const [place, victim] of victims.entries()) {
      const name = pair[place]![0];
      const error = await within(name, victim.exception());
      assertInstanceOf(error, WorkerLostError, name);
      assertInstanceOf(error.cause, RangeError, name);
    }
    assertEquals(await within("the task behind", behind), 2);
    await within("the shutdown", pool.shutdown());
  }
}, { limit: SLOW_TEST_LIMIT });
