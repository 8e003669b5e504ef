// Creates a runner that is set up and knows some tasks, with the pool's side of it.

import { assertEquals } from "@std/assert";
import { current } from "../../src/task/current.ts";
import type { Channel } from "../../src/wire/out_of_band.ts";
import { threadChannel } from "../../src/wire/thread_link.ts";
import { FakePool } from "./fake_pool.ts";

/** A gate for the tasks of a test. */
export class Gate {
  open!: (value?: unknown) => void;
  readonly opened: Promise<unknown> = new Promise((resolve) => this.open = resolve);
}

/** The notes of the tasks. */
export const log: string[] = [];

const tasks = {
  add: (a: number, b: number) => a + b,
  later: async (value: unknown) => await value,
  fail: (error: unknown) => {
    throw error;
  },
  note: (name: string) => void log.push(name),
  who: () => {
    const { attempt, workerId, executor, signal } = current()!;
    return { attempt, workerId, executor, aborted: signal.aborted };
  },
  refused: () => ({ items: [() => {}] }),
  thenable: (value: unknown) => ({ then: (done: (value: unknown) => void) => done(value) }),
  twice: () => ({
    then: (done: (value: unknown) => void, fail: (error: unknown) => void) => {
      done("first");
      fail(new Error("second"));
      throw new Error("third");
    },
  }),
  notTask: 5,
};

/** The numbers of the tasks. */
export const REFERENCE: Record<string, number> = Object.fromEntries(Object.keys(tasks).map((name, i) => [name, i + 1]));

/** Returns a pool whose worker is set up and knows all tasks. */
export async function readyPool(
  more: Record<string, unknown> = {},
  concurrency = 1,
  channel: Channel = threadChannel(false),
): Promise<{ pool: FakePool; number: (name: string) => number }> {
  const modules = { "test:tasks": { ...tasks, ...more } };
  const pool = new FakePool(modules, channel);
  pool.setUp({ concurrency }).send();
  const names = [...Object.keys(tasks), ...Object.keys(more)];
  names.forEach((name, i) => pool.define(i + 1, "test:tasks", name));
  pool.send();
  await pool.answered(1);
  assertEquals(pool.answers.splice(0), [{ kind: "READY" }]);
  return { pool, number: (name: string) => names.indexOf(name) + 1 };
}
