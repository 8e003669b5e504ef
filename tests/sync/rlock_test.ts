import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { InvalidStateError, TimeoutError } from "../../src/core/errors.ts";
import type { Permit } from "../../src/sync/permit.ts";
import { RLock } from "../../src/sync/rlock.ts";
import { Log, turn } from "../support/log.ts";
import { within } from "../support/poll.ts";
import { SHORT } from "../support/timing.ts";

/** Holds a lock in another context, `times` levels deep, until `letGo()` is called. */
async function holdElsewhere(lock: RLock, times = 1): Promise<{ letGo(): Promise<void> }> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const nested = (left: number): Promise<void> => lock.run(() => left > 1 ? nested(left - 1) : promise);
  const held = nested(times);
  await turn();
  return {
    letGo: async () => {
      resolve();
      await held;
    },
  };
}

test("RLock can be acquired repeatedly by its owner, and is free after as many releases", async () => {
  const lock = new RLock();
  const permits = [await lock.acquire(), lock.tryAcquire()!, lock.acquireSync(), await lock.acquire({ timeout: 0 })];
  for (const permit of permits) {
    assertEquals(lock.locked, true);
    permit.release();
    permit.release();
  }
  assertEquals(lock.locked, false);
});

test("RLock.release() releases one level, without its permit", async () => {
  const lock = new RLock();
  await lock.acquire();
  lock.acquireSync();
  lock.release();
  assertEquals(lock.locked, true);
  lock.release();
  assertEquals(lock.locked, false);
});

test("RLock.release() of a free lock throws InvalidStateError, and changes nothing", async () => {
  const lock = new RLock();
  assertThrows(() => lock.release(), InvalidStateError);
  assertEquals(lock.locked, false);
  const permit = await lock.acquire();
  permit.release();
  assertThrows(() => lock.release(), InvalidStateError);
  await lock.run(() => assertEquals(lock.locked, true));
  assertThrows(() => lock.release(), InvalidStateError);
});

test("RLock.release() by another context throws InvalidStateError; the owner keeps the lock's depth", async () => {
  const lock = new RLock();
  const { letGo } = await holdElsewhere(lock, 3);
  assertThrows(() => lock.release(), InvalidStateError);
  assertEquals([lock.tryAcquire(), lock.locked], [undefined, true]);
  assertThrows(() => lock.acquireSync({ timeout: SHORT }), TimeoutError);
  await assertRejects(() => lock.acquire({ timeout: SHORT }), TimeoutError);
  await assertRejects(() => lock.run(() => {}, { timeout: SHORT }), TimeoutError);
  await letGo();
  assertEquals(lock.locked, false);
});

test("RLock acquired outside of any run belongs to the thread, also within the run of another lock", async () => {
  const [lock, other] = [new RLock(), new RLock()];
  const permit = await lock.acquire();
  await within("the inner", other.run(() => lock.run(async () => (await lock.acquire({ timeout: 0 })).release())));
  assertEquals(lock.locked, true);
  permit.release();
  assertEquals([lock.locked, other.locked], [false, false]);
});

test("RLock.run() can be nested, and its owner can acquire the lock inside in every form", async () => {
  const lock = new RLock();
  const inner = await lock.run(() =>
    lock.run(async () => {
      const permits = [await lock.acquire(), lock.tryAcquire()!, lock.acquireSync(), await lock.acquire()];
      await turn();
      for (const permit of permits.toReversed()) permit.release();
      return lock.locked;
    })
  );
  assertEquals([inner, lock.locked], [true, false]);
});

test("RLock.run() of another context waits until the owner has released all levels", async () => {
  const lock = new RLock();
  const log = new Log();
  const { promise, resolve } = Promise.withResolvers<void>();
  const inner = Promise.withResolvers<void>();
  const owner = lock.run(async () => {
    await lock.run(() => inner.promise);
    await promise;
  });
  log.follow("a", lock.run(() => {}));
  log.follow("b", lock.run(() => lock.run(() => {})));
  assertEquals(await log.take(), []);
  inner.resolve();
  assertEquals(await log.take(), []);
  resolve();
  await within("the owner", owner);
  assertEquals([await log.take(), lock.locked], [["a", "b"], false]);
});

test("RLock.run() runs one context at a time", async () => {
  const lock = new RLock();
  let [inside, most, total] = [0, 0, 0];
  const visit = () =>
    lock.run(async () => {
      most = Math.max(most, ++inside);
      const before = total;
      await lock.run(turn);
      total = before + 1;
      inside--;
    });
  await within("all", Promise.all(Array.from({ length: 50 }, visit)));
  assertEquals([most, total, lock.locked], [1, 50, false]);
});

test("RLock.run() runs one context at a time within the run of another lock too", async () => {
  const [outer, lock] = [new RLock(), new RLock()];
  let [inside, most] = [0, 0];
  const visit = () =>
    lock.run(async () => {
      most = Math.max(most, ++inside);
      await turn();
      inside--;
    });
  await outer.run(() => within("both", Promise.all([visit(), visit()])));
  assertEquals([most, lock.locked, outer.locked], [1, false, false]);
});

test("RLock still belongs to its owner within the run of another lock", async () => {
  const [outer, lock] = [new RLock(), new RLock()];
  const log = new Log();
  await within(
    "the innermost",
    outer.run(() =>
      lock.run(() =>
        outer.run(async () => {
          (await outer.acquire({ timeout: 0 })).release();
          outer.acquireSync({ timeout: 0 }).release();
          assert(outer.tryAcquire() !== undefined);
          outer.release();
          log.follow("inside", Promise.resolve());
        })
      )
    ),
  );
  assertEquals([await log.take(), outer.locked, lock.locked], [["inside"], false, false]);
});

test("RLock acquired by acquire() within a run stays owned until its permit is released", async () => {
  const lock = new RLock();
  let permit!: Permit;
  await lock.run(async () => void (permit = await lock.acquire()));
  assertEquals([lock.locked, lock.tryAcquire()], [true, undefined]);
  const log = new Log();
  log.follow("next", lock.run(() => {}));
  permit.release();
  permit.release();
  assertEquals([await log.take(), lock.locked], [["next"], false]);
});

test("RLock.acquire() serves waiters in order of arrival", async () => {
  const lock = new RLock();
  const log = new Log();
  const { letGo } = await holdElsewhere(lock);
  for (const name of ["a", "b", "c"]) log.follow(name, lock.run(turn));
  await letGo();
  await within("the last", lock.run(() => {}));
  assertEquals(await log.take(), ["a", "b", "c"]);
});

test("RLock.run() throws the function's error, and releases the lock", async () => {
  const lock = new RLock();
  const failure = new Error("torn");
  const thrown = lock.run(() =>
    lock.run(() => {
      throw failure;
    })
  );
  assertStrictEquals(await assertRejects(() => thrown), failure);
  assertStrictEquals(await assertRejects(() => lock.run(() => Promise.reject(failure))), failure);
  assertEquals(lock.locked, false);
});

test("RLock rejects wrong limits and aborted signals for its owner too, and keeps its depth", async () => {
  const lock = new RLock();
  const permit = await lock.acquire();
  await assertRejects(() => lock.acquire({ timeout: -1 }), RangeError);
  assertThrows(() => lock.acquireSync({ timeout: NaN }), RangeError);
  const signal = AbortSignal.abort(new TypeError("gone"));
  await assertRejects(() => lock.acquire({ signal }), TypeError, "gone");
  assertThrows(() => lock.acquireSync({ signal }), TypeError, "gone");
  permit.release();
  assertEquals(lock.locked, false);
});
