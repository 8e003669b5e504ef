import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { InvalidStateError, TimeoutError } from "../../src/core/errors.ts";
import type { Permit } from "../../src/sync/permit.ts";
import { RLock } from "../../src/sync/rlock.ts";
import { Log, turn } from "../support/log.ts";
import { within } from "../support/poll.ts";
import { SHORT } from "../support/timing.ts";

/** Holds a lock in a context of its own, so many times, until it is let go. */
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

test("RLock is its owner's as often as it takes it, and free when it was released as often", async () => {
  const lock = new RLock();
  const permits = [await lock.acquire(), lock.tryAcquire()!, lock.acquireSync(), await lock.acquire({ timeout: 0 })];
  for (const permit of permits) {
    assertEquals(lock.locked, true);
    permit.release();
    permit.release();
  }
  assertEquals(lock.locked, false);
});

test("RLock.release() gives back one level, whoever has its permit", async () => {
  const lock = new RLock();
  await lock.acquire();
  lock.acquireSync();
  lock.release();
  assertEquals(lock.locked, true);
  lock.release();
  assertEquals(lock.locked, false);
});

test("RLock.release() of a lock that nobody owns is an InvalidStateError, and changes nothing", async () => {
  const lock = new RLock();
  assertThrows(() => lock.release(), InvalidStateError);
  assertEquals(lock.locked, false);
  const permit = await lock.acquire();
  permit.release();
  assertThrows(() => lock.release(), InvalidStateError);
  await lock.run(() => assertEquals(lock.locked, true));
  assertThrows(() => lock.release(), InvalidStateError);
});

test("RLock.release() by another context is an InvalidStateError; the owner keeps the lock and its depth", async () => {
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

test("RLock that was taken outside of any run is the thread's, within the run of another lock too", async () => {
  const [lock, other] = [new RLock(), new RLock()];
  const permit = await lock.acquire();
  await within("the inner", other.run(() => lock.run(async () => (await lock.acquire({ timeout: 0 })).release())));
  assertEquals(lock.locked, true);
  permit.release();
  assertEquals([lock.locked, other.locked], [false, false]);
});

test("RLock.run() can be nested, and its owner takes the lock inside in every form", async () => {
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

test("RLock.run() of others waits until the owner has released all levels", async () => {
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

test("RLock.run() lets no two contexts in at once", async () => {
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

test("RLock.run() lets no two in at once though both are inside of another lock's run", async () => {
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

test("RLock is its owner's inside of another lock's run too", async () => {
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

test("RLock that was taken by acquire() within a run is owned until its permit is released", async () => {
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

test("RLock.acquire() serves first come, first served", async () => {
  const lock = new RLock();
  const log = new Log();
  const { letGo } = await holdElsewhere(lock);
  for (const name of ["a", "b", "c"]) log.follow(name, lock.run(turn));
  await letGo();
  await within("the last", lock.run(() => {}));
  assertEquals(await log.take(), ["a", "b", "c"]);
});

test("RLock.run() throws what the function throws, and the lock is free", async () => {
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

test("RLock's owner is refused wrong limits and aborted signals too, and its depth stays", async () => {
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
