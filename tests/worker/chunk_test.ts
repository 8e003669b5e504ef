// Tests that a chunk of a map reacts to its signal between two items, even if the items block.

import { assert, assertStrictEquals } from "@std/assert";
import { test } from "node:test";
import { inline, ThreadPoolExecutor } from "../../mod.ts";

const BUSY = 20;

test("Runner stops a chunk of blocking items once its signal fires", { timeout: 30_000 }, async () => {
  const pool = new ThreadPoolExecutor({ maxWorkers: 1, grace: 20_000 });
  const controller = new AbortController();
  const spin = inline((time: number) => {
    const end = performance.now() + time;
    while (performance.now() < end);
  });
  try {
    await pool.submit(spin, 0);
    const started = performance.now();
    const results = pool.map(spin, Array(500).fill(BUSY), { chunkSize: 500, signal: controller.signal });
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 5 * BUSY);
    assertStrictEquals(await results.then(() => undefined, (error) => error), reason);
    await pool.shutdown();
    assert(performance.now() - started < 100 * BUSY, "the chunk went on to its end");
  } finally {
    await pool.shutdown();
  }
});
