// Tests that shared memory does not leave its process: the error names it, and nothing else is affected.

import { test } from "node:test";
import { assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import {
  type Executor,
  InlineExecutor,
  Process,
  ProcessPoolExecutor,
  SharedArray,
  SharedMemory,
  SharedValue,
} from "../../mod.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";
import * as tasks from "./tasks.ts";

const timeout = SLOW_TEST_LIMIT;
const KINDS: readonly (readonly [string, () => tasks.Shared])[] = [
  ["SharedMemory", () => new SharedMemory(8)],
  ["SharedValue", () => new SharedValue("int32", 1)],
  ["SharedArray", () => new SharedArray("float64", [1, 2])],
];

function reason(name: string): string {
  return `a ${name} cannot leave its process, as processes share no memory: use a Manager`;
}

async function withPool<E extends Executor>(pool: E, use: (pool: E) => Promise<void>): Promise<void> {
  try {
    await use(pool);
  } finally {
    await pool.shutdown();
  }
}

test(
  "ProcessPoolExecutor refuses shared memory with its path, and runs the next task",
  { timeout },
  () =>
    withPool(new ProcessPoolExecutor({ maxWorkers: 1 }), async (pool) => {
      for (const [name, make] of KINDS) {
        const one = make();
        const error = await assertRejects(() => pool.submit(tasks.addOne, one).result(), DOMException);
        assertEquals([error.name, error.message], ["DataCloneError", `Cannot send args[0]: ${reason(name)}`]);
        const deep = { list: [1, new Map([["key", one]])] };
        const inside = await assertRejects(() => pool.submit(tasks.addOne, deep).result(), DOMException);
        assertEquals(inside.message, `Cannot send args[0].list[1].get("key"): ${reason(name)}`);
        assertEquals(await pool.submit(tasks.addOne, 1), 2);
        // The memory is unchanged.
        if (one instanceof SharedValue) assertEquals(one.value, 1);
        if (one instanceof SharedArray) assertEquals([...one.view], [1, 2]);
      }
      const { workers: { idle }, lost, restarts } = pool.stats();
      assertEquals([idle, lost, restarts], [1, 0, 0]);
    }),
);

test(
  "ProcessPoolExecutor refuses shared memory that a process has made, and goes on",
  { timeout },
  () =>
    withPool(new ProcessPoolExecutor({ maxWorkers: 1 }), async (pool) => {
      for (
        const [kind, name] of [["memory", "SharedMemory"], ["value", "SharedValue"], ["array", "SharedArray"]] as const
      ) {
        const error = await assertRejects(() => pool.submit(tasks.make, kind).result(), DOMException);
        assertEquals(error.name, "DataCloneError");
        assertMatch(error.message, new RegExp(`^Cannot send result\\.made: .*a ${name} .*cannot leave `));
        assertEquals(await pool.submit(tasks.addOne, 1), 2);
      }
    }),
);

test("Process refuses shared memory with its path", { timeout }, async () => {
  const child = new Process(tasks.addOne, [{ shared: new SharedMemory(8) }]).start();
  const error = await assertRejects(() => child.result.result(), DOMException);
  assertEquals([error.name, error.message], [
    "DataCloneError",
    `Cannot send args[0].shared: ${reason("SharedMemory")}`,
  ]);
  await child.join();
});

test(
  "InlineExecutor passes shared memory as the same object",
  { timeout },
  () =>
    withPool(new InlineExecutor(), async (pool) => {
      for (const [, make] of KINDS) {
        const one = make();
        assertStrictEquals(await pool.submit(tasks.giveBack, one), one);
      }
    }),
);
