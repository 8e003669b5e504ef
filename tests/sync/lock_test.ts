import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { InvalidStateError, TimeoutError } from "../../src/core/errors.ts";
import { Lock } from "../../src/sync/lock.ts";
import { Log, turn } from "../support/log.ts";
import { within } from "../support/poll.ts";
import { countingSignal } from "../support/signals.ts";
import { LONG, SHORT } from "../support/timing.ts";

test("Lock is free initially, and locked while it is held", async () => {
  const lock = new Lock();
  assertEquals(lock.locked, false);
  const permit = await lock.acquire();
  assertEquals(lock.locked, true);
  permit.release();
  assertEquals(lock.locked, false);
});

test("Lock.tryAcquire() returns undefined at once while the lock is held, without affecting the holder", async () => {
  const lock = new Lock();
  const permit = lock.tryAcquire()!;
  assertEquals([lock.tryAcquire(), lock.tryAcquire(), lock.locked], [undefined, undefined, true]);
  permit.release();
  const next = await lock.acquire();
  assertEquals(lock.tryAcquire(), undefined);
  next.release();
  assert(lock.tryAcquire() !== undefined);
});

test("Lock.acquire() serves waiters in order of arrival", async () => {
  const lock = new Lock();
  const log = new Log();
  const permit = await lock.acquire();
  for (const name of ["a", "b", "c"]) log.follow(name, lock.run(turn));
  assertEquals(await log.take(), []);
  permit.release();
  await within("the last", lock.run(() => {}));
  assertEquals(await log.take(), ["a", "b", "c"]);
});

test("Lock.acquire() that was granted the lock keeps it before it resumes", async () => {
  const lock = new Lock();
  const permit = await lock.acquire();
  const waiting = lock.acquire();
  permit.release();
  assertEquals([lock.tryAcquire(), lock.locked], [undefined, true]);
  assertThrows(() => lock.acquireSync({ timeout: 1 }), TimeoutError);
  (await waiting).release();
  assertEquals(lock.locked, false);
});

test("Lock.acquireSync() acquires the lock, and times out while it is held", () => {
  const lock = new Lock();
  const permit = lock.acquireSync();
  assertThrows(() => lock.acquireSync({ timeout: SHORT }), TimeoutError);
  permit.release();
  lock.acquireSync({ timeout: 0 }).release();
  assertEquals(lock.locked, false);
});

test("Lock.release() of a free lock throws InvalidStateError, and changes nothing", async () => {
  const lock = new Lock();
  for (let i = 0; i < 2; i++) {
    const { message } = assertThrows(() => lock.release(), InvalidStateError);
    assertEquals(message, "Cannot release a lock: it is not held");
  }
  assertEquals(lock.locked, false);
  const permit = await lock.acquire();
  assertEquals(lock.tryAcquire(), undefined);
  permit.release();
  assertThrows(() => lock.release(), InvalidStateError);
});

test("Lock.release() releases the lock for any holder, whose permit becomes invalid", async () => {
  const lock = new Lock();
  const permit = await lock.acquire();
  lock.release();
  assertEquals(lock.locked, false);
  permit.release();
  const next = await lock.acquire();
  permit.release();
  permit[Symbol.dispose]();
  assertEquals(lock.locked, true);
  next.release();
});

test("Lock's permit releases it once, and is disposable", async () => {
  const lock = new Lock();
  const log = new Log();
  const permit = await lock.acquire();
  const { promise, resolve } = Promise.withResolvers<void>();
  log.follow("a", lock.run(() => log.lines.push("in a") && promise));
  log.follow("b", lock.run(() => {}));
  permit[Symbol.dispose]();
  permit[Symbol.dispose]();
  permit.release();
  assertEquals([await log.take(), lock.locked], [["in a"], true]);
  resolve();
  assertEquals([await log.take(), lock.locked], [["a", "b"], false]);
});

test("Lock.run() returns the function's result, after releasing the lock", async () => {
  const lock = new Lock();
  assertEquals(await lock.run(() => lock.locked), true);
  assertEquals(await lock.run(async () => await Promise.resolve("later")), "later");
  assertEquals(lock.locked, false);
});

test("Lock.run() throws the function's error, and releases the lock", async () => {
  const lock = new Lock();
  const failure = new Error("torn");
  const thrown = lock.run(() => {
    throw failure;
  });
  assertStrictEquals(await assertRejects(() => thrown), failure);
  assertStrictEquals(await assertRejects(() => lock.run(() => Promise.reject(failure))), failure);
  assertEquals(lock.locked, false);
});

test("Lock.run() does not call the function if it cannot acquire the lock", async () => {
  const lock = new Lock();
  const permit = await lock.acquire();
  let calls = 0;
  const count = () => void calls++;
  await assertRejects(() => lock.run(count, { timeout: 0 }), TimeoutError);
  await assertRejects(() => lock.run(count, { timeout: 1 }), TimeoutError);
  await assertRejects(() => lock.run(count, { signal: AbortSignal.abort(new RangeError("gone")) }), RangeError);
  permit.release();
  await assertRejects(() => lock.run(count, { timeout: -1 }), RangeError);
  assertEquals([calls, lock.locked], [0, false]);
});

test("Lock.run() runs one function at a time", async () => {
  const lock = new Lock();
  let [inside, most, total] = [0, 0, 0];
  const visit = () =>
    lock.run(async () => {
      most = Math.max(most, ++inside);
      const before = total;
      await turn();
      total = before + 1;
      inside--;
    });
  await within("all", Promise.all(Array.from({ length: 50 }, visit)));
  assertEquals([most, total, lock.locked], [1, 50, false]);
});

test("Lock.release() skips waits that were aborted or timed out", async () => {
  const lock = new Lock();
  const log = new Log();
  const { controller, signal, listeners } = countingSignal();
  const permit = await lock.acquire();
  log.follow("aborted", lock.acquire({ signal, timeout: LONG }));
  log.follow("late", lock.acquire({ timeout: 1 }));
  log.follow("next", lock.run(() => {}));
  controller.abort("gone");
  assertEquals(await log.take(), ["aborted gone"]);
  await assertRejects(() => lock.acquire({ timeout: SHORT }), TimeoutError);
  assertEquals(await log.take(), ["late TimeoutError"]);
  permit.release();
  assertEquals([await log.take(), lock.locked, listeners()], [["next"], false, 0]);
});

test("Lock released by a listener of a signal goes to no wait under that signal", async () => {
  const lock = new Lock();
  const log = new Log();
  const controller = new AbortController();
  const permit = await lock.acquire();
  controller.signal.addEventListener("abort", () => permit.release());
  log.follow("a", lock.acquire({ signal: controller.signal }));
  log.follow("b", lock.run(() => {}));
  controller.abort("gone");
  assertEquals([(await log.take()).sort(), lock.locked], [["a gone", "b"], false]);
});
