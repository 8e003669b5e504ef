import { test } from "node:test";
import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { RwLock } from "../../src/sync/rw_lock.ts";
import { Log, turn } from "../support/log.ts";
import { within } from "../support/poll.ts";
import { countingSignal } from "../support/signals.ts";
import { SHORT } from "../support/timing.ts";

test("RwLock allows many readers together, or one writer alone", async () => {
  const lock = new RwLock();
  assertEquals([lock.readers, lock.writing], [0, false]);
  const readers = [await lock.acquireRead(), lock.tryAcquireRead()!, lock.acquireReadSync()];
  assertEquals([lock.readers, lock.writing, lock.tryAcquireWrite()], [3, false, undefined]);
  for (const permit of readers) permit.release();
  assertEquals(lock.readers, 0);
  for (const permit of [await lock.acquireWrite(), lock.tryAcquireWrite, lock.acquireWriteSync]) {
    const writer = typeof permit === "function" ? permit.call(lock)! : permit;
    assertEquals([lock.readers, lock.writing], [0, true]);
    assertEquals([lock.tryAcquireRead(), lock.tryAcquireWrite()], [undefined, undefined]);
    writer.release();
    assertEquals(lock.writing, false);
  }
});

test("RwLock's permits release once, and are disposable", async () => {
  const lock = new RwLock();
  const [first, second] = [await lock.acquireRead(), await lock.acquireRead()];
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  first.release();
  assertEquals(lock.readers, 1);
  second.release();
  const writer = await lock.acquireWrite();
  writer[Symbol.dispose]();
  const next = await lock.acquireWrite();
  writer.release();
  writer[Symbol.dispose]();
  assertEquals(lock.writing, true);
  next.release();
  first.release();
  assertEquals([lock.readers, lock.writing], [0, false]);
});

test("RwLock.acquireRead() waits behind a waiting writer", async () => {
  const lock = new RwLock();
  const log = new Log();
  const reader = await lock.acquireRead();
  log.follow("writer", lock.runWrite(turn).then(() => undefined));
  log.follow("r1", lock.runRead(turn).then(() => undefined));
  log.follow("r2", lock.runRead(turn).then(() => undefined));
  assertEquals([await log.take(), lock.tryAcquireRead(), lock.readers], [[], undefined, 1]);
  reader.release();
  await within("the last", lock.runWrite(() => {}));
  assertEquals(await log.take(), ["writer", "r1", "r2"]);
});

test("RwLock serves consecutive readers together, and later ones after the next writer", async () => {
  const lock = new RwLock();
  const log = new Log();
  const writer = await lock.acquireWrite();
  const most = { r: 0 };
  const read = async () => {
    most.r = Math.max(most.r, lock.readers);
    await turn();
  };
  for (const name of ["r1", "r2", "r3"]) log.follow(name, lock.runRead(read).then(() => undefined));
  log.follow("w1", lock.runWrite(turn).then(() => undefined));
  log.follow("r4", lock.runRead(turn).then(() => undefined));
  writer.release();
  assertEquals(lock.readers, 3);
  await within("the last", lock.runWrite(() => {}));
  assertEquals([await log.take(), most.r], [["r1", "r2", "r3", "w1", "r4"], 3]);
});

test("RwLock lets readers in when the writer before them has given up", async () => {
  const lock = new RwLock();
  for (const fail of ["abort", "timeout"]) {
    const log = new Log();
    const { controller, signal, listeners } = countingSignal();
    const reader = await lock.acquireRead();
    log.follow("writer", lock.acquireWrite(fail === "abort" ? { signal } : { timeout: SHORT }));
    const behind = lock.acquireRead();
    log.follow("behind", behind.then(() => undefined));
    assertEquals(await log.take(), []);
    controller.abort("gone");
    const permit = await within("the reader", behind);
    assertEquals(await log.take(), [fail === "abort" ? "writer gone" : "writer TimeoutError", "behind"]);
    assertEquals([lock.readers, listeners()], [2, 0]);
    permit.release();
    reader.release();
  }
});

test("RwLock.runRead() and runWrite() throw the function's error, and release the lock", async () => {
  const lock = new RwLock();
  const failure = new Error("torn");
  const fail = () => {
    throw failure;
  };
  assertStrictEquals(await assertRejects(() => lock.runRead(fail)), failure);
  assertStrictEquals(await assertRejects(() => lock.runWrite(fail)), failure);
  assertStrictEquals(await assertRejects(() => lock.runRead(() => Promise.reject(failure))), failure);
  assertEquals(await lock.runRead(() => lock.readers), 1);
  assertEquals(await lock.runWrite(() => Promise.resolve("later")), "later");
  assertEquals([lock.readers, lock.writing], [0, false]);
});

test("RwLock never has a writer together with others", async () => {
  const lock = new RwLock();
  let [reading, writing, most, total] = [0, 0, 0, 0];
  const read = () =>
    lock.runRead(async () => {
      most = Math.max(most, ++reading);
      assertEquals(writing, 0);
      await turn();
      reading--;
    });
  const write = () =>
    lock.runWrite(async () => {
      assertEquals([++writing, reading], [1, 0]);
      const before = total;
      await turn();
      total = before + 1;
      writing--;
    });
  await within("all", Promise.all(Array.from({ length: 60 }, (_, i) => i % 4 === 0 ? write() : read())));
  assertEquals([total, most, lock.readers, lock.writing], [15, 3, 0, false]);
});
