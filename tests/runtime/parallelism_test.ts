import { test } from "node:test";
import { assertEquals, assertGreater } from "@std/assert";
import { cpuCount, ThreadPoolExecutor } from "../../mod.ts";
import { runtime } from "../../src/runtime/mod.ts";
import { parallelism } from "../../src/runtime/parallelism.ts";

test("parallelism() returns a number of threads", () => {
  assertGreater(parallelism(), 0);
  assertEquals([runtime.parallelism, cpuCount()], [parallelism(), parallelism()]);
});

test("parallelism() is 1 if the host reports no number of threads", () => {
  for (const nonsense of [undefined, null, 0, -3, NaN, Infinity, 2.5, "4", {}]) {
    assertEquals(parallelism(() => nonsense), 1, String(nonsense));
  }
  const broken = () => {
    throw new TypeError("there is no navigator");
  };
  assertEquals([parallelism(broken), parallelism(() => 64)], [1, 64]);
});

test("maxWorkers is by default the number of threads that can run at once", async () => {
  const pool = new ThreadPoolExecutor();
  assertEquals(pool.maxWorkers, runtime.parallelism);
  await pool.shutdown();
});
