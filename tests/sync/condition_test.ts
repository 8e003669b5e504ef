import { test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { InvalidStateError, TimeoutError } from "../../src/core/errors.ts";
import { Condition } from "../../src/sync/condition.ts";
import { Lock } from "../../src/sync/lock.ts";
import { RLock } from "../../src/sync/rlock.ts";
import { Log, turn } from "../support/log.ts";
import { within } from "../support/poll.ts";
import { countingSignal } from "../support/signals.ts";
import { LONG, SHORT } from "../support/timing.ts";

const LOCKS: readonly (typeof Lock | typeof RLock)[] = [Lock, RLock];

/** Starts waits in turn; the log records which of them resumed. */
async function line(condition: Condition, names: readonly string[]): Promise<Log> {
  const log = new Log();
  for (const name of names) log.follow(name, condition.run(() => condition.wait()));
  assertEquals(await log.take(), []);
  return log;
}

test("Condition rejects values that are not locks", () => {
  for (const lock of [null, {}, 5, "lock"]) assertThrows(() => new Condition(lock as never), TypeError, "'lock'");
});

for (const Kind of LOCKS) {
  const over = `Condition over ${Kind === Lock ? "a Lock" : "an RLock"}`;

  test(`${over} takes and releases that lock`, async () => {
    const lock = new Kind();
    const condition = new Condition(lock);
    const permit = await condition.acquire();
    assertEquals([lock.locked, condition.locked], [true, true]);
    permit.release();
    condition.acquireSync().release();
    condition.tryAcquire()!.release();
    await condition.acquire();
    condition.release();
    assertEquals(await condition.run(() => lock.locked), true);
    assertEquals([lock.locked, condition.locked], [false, false]);
  });

  test(`${over}: wait() and notify() without the lock throw InvalidStateError`, async () => {
    const condition = new Condition(new Kind());
    await assertRejects(() => condition.wait(), InvalidStateError);
    await assertRejects(() => condition.waitFor(() => false), InvalidStateError);
    assertThrows(() => condition.waitSync(), InvalidStateError);
    assertThrows(() => condition.waitForSync(() => false), InvalidStateError);
    assertThrows(() => condition.notify(), InvalidStateError);
    assertThrows(() => condition.notifyAll(), InvalidStateError);
    assertEquals(condition.locked, false);
  });

  test(`${over}: wait() releases the lock, and holds it again afterwards`, async () => {
    const lock = new Kind();
    const condition = new Condition(lock);
    const log = new Log();
    const waiting = condition.run(async () => {
      await condition.wait();
      log.lines.push(`locked ${lock.locked}`);
      await turn();
    });
    assertEquals(await log.take(), []);
    assertEquals(lock.locked, false);
    const notifier = condition.run(async () => {
      condition.notify();
      await turn();
      log.lines.push("notifier leaves");
    });
    await within("both", Promise.all([waiting, notifier]));
    assertEquals([await log.take(), lock.locked], [["notifier leaves", "locked true"], false]);
  });

  test(`${over}: wait() holds the lock again after it has failed`, async () => {
    const lock = new Kind();
    const condition = new Condition(lock);
    for (const fail of ["timeout", "abort"]) {
      const { controller, signal, listeners } = countingSignal();
      const { promise, resolve } = Promise.withResolvers<void>();
      const log = new Log();
      const waiting = condition.run(async () => {
        const failed = condition.wait(fail === "timeout" ? { timeout: SHORT } : { signal });
        const name = await failed.then(() => "notified", (error) => error instanceof Error ? error.name : error);
        log.lines.push(`${name}, locked ${lock.locked}`);
      });
      await turn();
      // The lock is held elsewhere when the wait fails, so the wait has to acquire it first.
      const busy = lock.run(() => promise);
      controller.abort("gone");
      if (fail === "timeout") await lock.run(() => {}, { timeout: 2 * SHORT }).catch(() => {});
      assertEquals(await log.take(), []);
      resolve();
      await within("both", Promise.all([busy, waiting]));
      assertEquals(await log.take(), [`${fail === "timeout" ? "TimeoutError" : "gone"}, locked true`]);
      assertEquals([lock.locked, listeners()], [false, 0]);
    }
  });

  test(`${over}: wait() with a timeout of 0 rejects at once, without releasing the lock`, async () => {
    const lock = new Kind();
    const condition = new Condition(lock);
    const log = new Log();
    const permit = await lock.acquire();
    log.follow("other", condition.run(() => {}).then(() => undefined));
    if (lock instanceof RLock) await log.take();
    await assertRejects(() => condition.wait({ timeout: 0 }), TimeoutError);
    assertThrows(() => condition.waitSync({ timeout: 0 }), TimeoutError);
    await assertRejects(() => condition.waitFor(() => false, { timeout: 0 }), TimeoutError);
    assertThrows(() => condition.waitForSync(() => false, { timeout: 0 }), TimeoutError);
    assertEquals([await log.take(), lock.locked], [[], true]);
    permit.release();
    assertEquals([await log.take(), lock.locked], [lock instanceof RLock ? [] : ["other"], false]);
  });

  test(`${over}: the permit is valid again after a wait, and releases once`, async () => {
    const lock = new Kind();
    const condition = new Condition(lock);
    const permit = await lock.acquire();
    await assertRejects(() => condition.wait({ timeout: 1 }), TimeoutError);
    assertThrows(() => condition.waitSync({ timeout: 1 }), TimeoutError);
    assertEquals(lock.locked, true);
    permit.release();
    permit.release();
    assertEquals(lock.locked, false);
  });
}

test("Condition.wait() releases all levels of an RLock, and restores them", async () => {
  const lock = new RLock();
  const condition = new Condition(lock);
  const log = new Log();
  const waiting = lock.run(() =>
    lock.run(async () => {
      const third = await lock.acquire();
      await condition.wait();
      third.release();
      log.lines.push(`two left ${lock.locked}`);
      await turn();
    }).then(() => void log.lines.push(`one left ${lock.locked}`))
  );
  await turn();
  assertEquals(lock.locked, false);
  await condition.run(() => condition.notifyAll());
  log.follow("next", lock.run(() => {}).then(() => undefined));
  await within("the waiter", waiting);
  assertEquals(await log.take(), ["two left true", "one left true", "next"]);
  assertEquals(lock.locked, false);
});

test("Condition.waitSync() releases all levels of an RLock, and restores them", async () => {
  const lock = new RLock();
  const condition = new Condition(lock);
  await lock.run(async () => {
    const permit = await lock.acquire();
    assertThrows(() => condition.waitSync({ timeout: 1 }), TimeoutError);
    permit.release();
    assertEquals(lock.locked, true);
  });
  assertEquals(lock.locked, false);
});

test("Condition.wait() returns an RLock to its owning run from within the run of another lock", async () => {
  const [lock, inner] = [new RLock(), new RLock()];
  const condition = new Condition(lock);
  await within(
    "the end",
    lock.run(async () => {
      await inner.run(() => assertRejects(() => condition.wait({ timeout: 1 }), TimeoutError));
      // The inner run has ended here.
      (await lock.acquire({ timeout: 0 })).release();
      condition.notify();
    }),
  );
  assertEquals([lock.locked, inner.locked], [false, false]);
});

test("Condition.notify() wakes the given number of waiters, in order of arrival", async () => {
  const condition = new Condition();
  const log = await line(condition, ["a", "b", "c", "d", "e"]);
  await condition.run(() => condition.notify(3));
  assertEquals(await log.take(), ["a", "b", "c"]);
  await condition.run(() => condition.notify());
  assertEquals(await log.take(), ["d"]);
  await condition.run(() => condition.notify(5));
  assertEquals(await log.take(), ["e"]);
  await condition.run(() => condition.notifyAll());
  assertEquals(await log.take(), []);
});

test("Condition.notify() twice in one turn wakes two waiters", async () => {
  const condition = new Condition();
  const log = await line(condition, ["a", "b", "c"]);
  await condition.run(() => {
    condition.notify();
    condition.notify();
  });
  assertEquals(await log.take(), ["a", "b"]);
  await condition.run(() => condition.notifyAll());
  assertEquals(await log.take(), ["c"]);
});

test("Condition.notify() without waiters has no effect", async () => {
  const condition = new Condition();
  await condition.run(() => {
    condition.notify();
    condition.notifyAll();
  });
  const log = await line(condition, ["a"]);
  await condition.run(() => condition.notify());
  assertEquals(await log.take(), ["a"]);
});

test("Condition.notify() rejects invalid numbers, and wakes no waiter", async () => {
  const condition = new Condition();
  const log = await line(condition, ["a"]);
  await condition.run(() => {
    for (const n of [0, -1, 0.5, NaN, Infinity]) assertThrows(() => condition.notify(n), RangeError, "'n'");
    for (const n of ["1", null, {}]) assertThrows(() => condition.notify(n as never), TypeError, "'n'");
  });
  assertEquals(await log.take(), []);
  await condition.run(() => condition.notify(Number.MAX_SAFE_INTEGER));
  assertEquals(await log.take(), ["a"]);
});

test("Condition.notifyAll() wakes all current waiters, and no later ones", async () => {
  const condition = new Condition();
  const log = new Log();
  const twice = async (name: string) => {
    await condition.wait();
    log.lines.push(`${name} 1`);
    await condition.wait();
    log.lines.push(`${name} 2`);
  };
  const all = ["a", "b", "c"].map((name) => condition.run(() => twice(name)));
  await turn();
  await condition.run(() => condition.notifyAll());
  assertEquals(await log.take(), ["a 1", "b 1", "c 1"]);
  await condition.run(() => condition.notify(2));
  assertEquals(await log.take(), ["a 2", "b 2"]);
  await condition.run(() => condition.notifyAll());
  await within("all", Promise.all(all));
  assertEquals(await log.take(), ["c 2"]);
});

test("Condition.notify() skips waits that were aborted or timed out", async () => {
  const condition = new Condition();
  const log = new Log();
  const { controller, signal, listeners } = countingSignal();
  log.follow("aborted", condition.run(() => condition.wait({ signal, timeout: LONG })));
  log.follow("late", condition.run(() => condition.wait({ timeout: SHORT })));
  log.follow("live", condition.run(() => condition.wait()));
  await turn();
  controller.abort("gone");
  await condition.run(() => assertRejects(() => condition.wait({ timeout: SHORT }), TimeoutError));
  assertEquals(await log.take(), ["aborted gone", "late TimeoutError"]);
  await condition.run(() => condition.notify());
  assertEquals([await log.take(), listeners()], [["live"], 0]);
});

test("Condition.notify() skips a wait whose signal is being aborted", async () => {
  const condition = new Condition();
  const log = new Log();
  const controller = new AbortController();
  const { signal } = controller;
  // This listener runs before that of the wait.
  signal.addEventListener("abort", () => void condition.run(() => condition.notify()));
  log.follow("aborted", condition.run(() => condition.wait({ signal })));
  log.follow("live", condition.run(() => condition.wait()));
  await turn();
  controller.abort("gone");
  assertEquals((await log.take()).sort(), ["aborted gone", "live"]);
});

test("Condition: two conditions over one lock are notified separately, by any holder of the lock", async () => {
  const lock = new Lock();
  const [full, empty] = [new Condition(lock), new Condition(lock)];
  const log = new Log();
  log.follow("full", lock.run(() => full.wait()));
  log.follow("empty", lock.run(() => empty.wait()));
  assertEquals([await log.take(), lock.locked], [[], false]);
  await lock.run(() => empty.notifyAll());
  assertEquals(await log.take(), ["empty"]);
  await empty.run(() => full.notify());
  assertEquals([await log.take(), lock.locked], [["full"], false]);
});

test("Condition serves producers and consumers of a small buffer", async () => {
  const lock = new Lock();
  const [notFull, notEmpty] = [new Condition(lock), new Condition(lock)];
  const [buffer, seen]: number[][] = [[], []];
  const produce = async (from: number) => {
    for (let n = from; n < from + 50; n++) {
      await lock.run(async () => {
        await notFull.waitFor(() => buffer!.length < 3);
        buffer!.push(n);
        notEmpty.notify();
      });
    }
  };
  const consume = async () => {
    for (let count = 0; count < 50; count++) {
      await lock.run(async () => {
        await notEmpty.waitFor(() => buffer!.length > 0);
        seen!.push(buffer!.shift()!);
        notFull.notify();
      });
    }
  };
  await within("all", Promise.all([produce(0), consume(), produce(100), consume(), produce(200), consume()]));
  assertEquals(
    seen!.toSorted((a, b) => a - b),
    [0, 100, 200].flatMap((n) => Array.from({ length: 50 }, (_, i) => n + i)),
  );
  assertEquals([buffer!.length, lock.locked], [0, false]);
});
