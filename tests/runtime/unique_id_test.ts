import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { inline, Lock, ThreadPoolExecutor } from "../../mod.ts";
import { uniqueId } from "../../src/runtime/unique_id.ts";

/** Replaces the functions that tests replace to predict ids. */
async function withoutChance(fn: () => Promise<void>): Promise<void> {
  const { random } = Math;
  crypto.randomUUID = () => "00000000-0000-0000-0000-000000000000";
  Math.random = () => 0.5;
  try {
    await fn();
  } finally {
    Reflect.deleteProperty(crypto, "randomUUID");
    Math.random = random;
  }
}

test("uniqueId() never repeats an id, even if crypto.randomUUID is replaced", async () => {
  await withoutChance(async () => {
    assertEquals(new Set(Array.from({ length: 1_000 }, uniqueId)).size, 1_000);
    await Promise.resolve();
  });
});

test("Primitives of other threads stay distinct even if crypto.randomUUID is replaced", async () => {
  await withoutChance(async () => {
    const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    const [one, two] = [new Lock(), new Lock()];
    const swap = inline((a: Lock, b: Lock) => [b, a, a.tryAcquire() !== undefined, b.tryAcquire() !== undefined]);
    const [first, second, ...taken] = await pool.submit(swap, one, two);
    assertEquals([first === two, second === one, ...taken], [true, true, true, true]);
    await pool.shutdown();
  });
});
