import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { Thread, ThreadPoolExecutor, WorkerLocal } from "../../mod.ts";
import { TEST_LIMIT } from "../support/timing.ts";
import { countCalls } from "./tasks.ts";

const timeout = TEST_LIMIT;

test("WorkerLocal.get() creates the value on the first call", () => {
  let made = 0;
  const local = new WorkerLocal(() => ++made);
  assertEquals([local.has(), made], [false, 0]);
  assertEquals([local.get(), local.get(), local.has(), made], [1, 1, true, 1]);
});

test("WorkerLocal.get() calls the function again after an error", () => {
  let made = 0;
  const local = new WorkerLocal(() => {
    if (++made === 1) throw new RangeError("not yet");
    return made;
  });
  assertThrows(() => local.get(), RangeError);
  assertEquals([local.has(), local.get()], [false, 2]);
});

test("WorkerLocal.set() replaces the value, even by undefined", () => {
  const local = new WorkerLocal<number | undefined>(() => 1);
  local.set(undefined);
  assertEquals([local.has(), local.get()], [true, undefined]);
  assertEquals([local.delete(), local.delete(), local.has(), local.get()], [true, false, false, 1]);
});

test("WorkerLocal is undefined initially without a function", () => {
  assertEquals(new WorkerLocal<string | undefined>().get(), undefined);
  assertThrows(() => new WorkerLocal(5 as never), TypeError);
});

test("WorkerLocal has one value per thread", { timeout }, async () => {
  const [first, second] = [new Thread(countCalls, [], { name: "a" }), new Thread(countCalls, [], { name: "b" })];
  first.start();
  second.start();
  assertEquals([await first.result, await second.result], [{ thread: "a", calls: 1 }, { thread: "b", calls: 1 }]);
  assertEquals(countCalls(), { thread: "MainThread", calls: 1 });
  const pool = new ThreadPoolExecutor({ maxWorkers: 1, name: "pool" });
  assertEquals((await Promise.all([pool.submit(countCalls), pool.submit(countCalls)])).map(({ calls }) => calls), [
    1,
    2,
  ]);
  await pool.shutdown();
  await Promise.all([first.join(), second.join()]);
});
