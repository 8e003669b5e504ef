import { test } from "node:test";
import { assertEquals } from "@std/assert";
import type { Executor, SubmitOptions } from "../../src/futures/executor.ts";
import type { Future } from "../../src/futures/future.ts";
import { InlineExecutor } from "../../src/pool/inline_pool.ts";
import { ProcessPoolExecutor } from "../../src/pool/process_pool.ts";
import { ThreadPoolExecutor } from "../../src/pool/thread_pool.ts";
import { task } from "../../src/task/task.ts";

const half = task(import.meta, async function half(n: number): Promise<number> {
  return await n / 2;
});

/** The members of every executor. */
const MEMBERS: (keyof Executor)[] = ["maxWorkers", "submit", "map", "starmap", "with", "shutdown", "stats"];

for (const Class of [InlineExecutor, ThreadPoolExecutor, ProcessPoolExecutor]) {
  test(`${Class.name} and its views are Executors`, async () => {
    const pool = new Class({ maxWorkers: 1 });
    const executors: Executor[] = [pool, pool.with({}), pool.with({ priority: 1 }).with({ timeout: 5 })];
    for (const executor of executors) {
      for (const member of [...MEMBERS, Symbol.asyncDispose] as const) {
        assertEquals(typeof executor[member], member === "maxWorkers" ? "number" : "function", String(member));
      }
    }
    await pool.shutdown();
  });
}

test("Executor.submit() takes the task's own arguments and resolves to its result", async () => {
  const executor: Executor = new InlineExecutor();
  const future: Future<number> = executor.submit(half, 3);
  assertEquals(await future, 1.5);
  const all: number[] = await executor.map(half, [2, 4]);
  assertEquals(all, [1, 2]);
  // @ts-expect-error A wrong argument is an error of types.
  const wrong = executor.submit(half, "3");
  assertEquals(await wrong, 1.5);
});

test("SubmitOptions may all be omitted or undefined", async () => {
  const options: SubmitOptions = { signal: undefined, timeout: undefined, grace: undefined, priority: undefined };
  assertEquals(await new InlineExecutor().with(options).submit(half, 1), 0.5);
});
