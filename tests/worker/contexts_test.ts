import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { current } from "../../src/task/current.ts";
import type { Call } from "../../src/worker/call.ts";
import { until } from "../support/poll.ts";
import { Gate, readyPool } from "./ready_pool.ts";

test("Runner gives each call a separate context, whether or not its task usually waits", async () => {
  const seen = new Map<number, unknown[]>();
  const gate = new Gate();
  const note = (id: number) => void seen.set(id, [...seen.get(id) ?? [], current()]);
  const { pool, number } = await readyPool({
    prompt: (id: number) => note(id),
    atTimes: (id: number, waits: boolean): unknown => {
      note(id);
      return waits ? gate.opened.then(() => note(id)) : undefined;
    },
  }, 10);
  const [prompt, atTimes] = [number("prompt"), number("atTimes")];
  // Load the task and run it, so that the runner expects it not to wait.
  pool.call(1, prompt, 1).call(2, atTimes, 2, false).send();
  await pool.answered(2);
  for (const waits of [true, false]) {
    const first = seen.size + 1;
    pool.call(first, prompt, first).call(first + 1, atTimes, first + 1, waits).call(first + 2, prompt, first + 2);
    pool.call(first + 3, atTimes, first + 3, true).call(first + 4, prompt, first + 4).send();
  }
  gate.open();
  await pool.answered(12);
  assertEquals(seen.size, 12);
  for (const [id, [before, after = before]] of seen) assert(before === after, `call ${id} was mixed up`);
  const contexts = new Set([...seen.values()].map(([before]) => before));
  assertEquals([contexts.size, contexts.has(undefined)], [12, false]);
});

test("Runner runs leftover code of a task in no other task's context, and fails no task with its errors", async () => {
  const gate = new Gate();
  const seen: unknown[] = [];
  let running: unknown;
  const { pool, number } = await readyPool({
    leave: () => {
      seen.push(current());
      gate.opened.then(() => {
        seen.push(current());
        pool.runner.unhandled(new Error("left behind"));
      });
    },
    wait: async () => {
      running = current();
      await gate.opened;
      await delay(1);
    },
  }, 2);
  pool.call(1, number("leave")).call(2, number("leave")).call(3, number("wait")).send();
  await pool.answered(2);
  pool.call(4, number("leave")).call(5, number("leave")).send();
  await until("the other runs", () => seen.length === 4 && running !== undefined);
  gate.open();
  await pool.answered(9);
  const left = seen.slice(4);
  assertEquals([left.length, left.includes(undefined), left.includes(running)], [4, false, false]);
  assertEquals(pool.answers.map(({ kind }) => kind).sort(), [...Array(5).fill("DONE"), ...Array(4).fill("FAULT")]);
});

test("Runner keeps no arguments of finished calls, even if their contexts are kept", async () => {
  const seen: Call[] = [];
  const { pool, number } = await readyPool({
    prompt: (_bytes: Uint8Array) => void seen.push(current() as Call),
    wait: async (_bytes: Uint8Array) => void seen.push(await current() as Call),
  });
  const bytes = new Uint8Array(1000);
  for (let id = 1; id <= 2; id++) pool.call(id, number("prompt"), bytes).chunk(10 + id, number("prompt"), [bytes]);
  pool.call(20, number("wait"), bytes).send();
  await pool.answered(5);
  assertEquals(seen.map(({ args }) => args), [[], [], [], [], []]);
});
