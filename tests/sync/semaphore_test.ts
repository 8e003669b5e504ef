import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { TimeoutError } from "../../src/core/errors.ts";
import { BoundedSemaphore } from "../../src/sync/bounded_semaphore.ts";
import type { Permit } from "../../src/sync/permit.ts";
import { Semaphore } from "../../src/sync/semaphore.ts";
import { Log, turn } from "../support/log.ts";
import { within } from "../support/poll.ts";
import { countingSignal } from "../support/signals.ts";
import { SHORT } from "../support/timing.ts";

/** The maximum number of permits. */
const MOST = 2 ** 31 - 1;
const KINDS = [Semaphore, BoundedSemaphore];

for (const Kind of KINDS) {
  const { name } = Kind;

  test(`${name} rejects invalid numbers of permits`, () => {
    for (const value of [-1, 0.5, NaN, Infinity, -Infinity, MOST + 1, 2 ** 53]) {
      assertThrows(() => new Kind(value), RangeError, "'value'");
    }
    for (const value of ["1", null, true, {}, 1n]) assertThrows(() => new Kind(value as never), TypeError, "'value'");
    assertEquals([new Kind().available, new Kind(0).available, new Kind(MOST).available], [1, 0, MOST]);
  });

  test(`${name}.acquire() rejects invalid counts, and takes no permits`, async () => {
    const semaphore = new Kind(3);
    for (const count of [0, -1, 0.5, NaN, Infinity, MOST + 1]) {
      await assertRejects(() => semaphore.acquire({ count }), RangeError, "'count'");
      assertThrows(() => semaphore.acquireSync({ count }), RangeError, "'count'");
      assertThrows(() => semaphore.tryAcquire(count), RangeError, "'count'");
    }
    for (const count of ["1", null, true, {}, 1n]) {
      // As in every option, null counts as omitted.
      if (count !== null) await assertRejects(() => semaphore.acquire({ count: count as never }), TypeError, "'count'");
      assertThrows(() => semaphore.tryAcquire(count as never), TypeError, "'count'");
    }
    assertEquals(semaphore.available, 3);
  });

  test(`${name}.release() rejects invalid counts, and adds no permits`, async () => {
    const semaphore = new Kind(3);
    await semaphore.acquire({ count: 2 });
    for (const n of [0, -1, 0.5, NaN, Infinity]) assertThrows(() => semaphore.release(n), RangeError, "'n'");
    for (const n of ["1", null, {}]) assertThrows(() => semaphore.release(n as never), TypeError, "'n'");
    assertEquals(semaphore.available, 1);
  });

  test(`${name}.tryAcquire() takes all the permits it asks for, or none`, () => {
    const semaphore = new Kind(3);
    const two = semaphore.tryAcquire(2)!;
    assertEquals([semaphore.tryAcquire(2), semaphore.available], [undefined, 1]);
    const one = semaphore.tryAcquire()!;
    assertEquals([semaphore.tryAcquire(), semaphore.available], [undefined, 0]);
    two.release();
    assertEquals(semaphore.available, 2);
    one.release();
    assertEquals(semaphore.available, 3);
  });

  test(`${name}'s permit releases all its permits once, and is disposable`, async () => {
    const semaphore = new Kind(5);
    const permits = [await semaphore.acquire({ count: 3 }), semaphore.acquireSync({ count: 2 })];
    assertEquals(semaphore.available, 0);
    permits[0]![Symbol.dispose]();
    permits[0]![Symbol.dispose]();
    permits[0]!.release();
    assertEquals(semaphore.available, 3);
    permits[1]!.release();
    permits[1]![Symbol.dispose]();
    assertEquals(semaphore.available, 5);
  });

  test(`${name}.acquire() serves waiters in order of arrival`, async () => {
    const semaphore = new Kind(1);
    const log = new Log();
    const visit = async (who: string) => {
      for (let round = 0; round < 3; round++) {
        const permit = await semaphore.acquire();
        log.lines.push(who);
        await turn();
        permit.release();
      }
    };
    await within("all", Promise.all(["c1", "c2", "c3"].map(visit)));
    assertEquals(log.lines, ["c1", "c2", "c3", "c1", "c2", "c3", "c1", "c2", "c3"]);
    assertEquals(semaphore.available, 1);
  });

  test(`${name}.acquire() of many permits is not overtaken by a small request behind it`, async () => {
    const semaphore = new Kind(3);
    const log = new Log();
    const held = [await semaphore.acquire(), await semaphore.acquire()];
    const large = semaphore.acquire({ count: 3 });
    log.follow("large", large.then(() => undefined));
    const small = semaphore.acquire();
    log.follow("small", small.then(() => undefined));
    assertEquals([await log.take(), semaphore.available, semaphore.tryAcquire()], [[], 1, undefined]);
    held[0]!.release();
    assertEquals(await log.take(), []);
    held[1]!.release();
    assertEquals([await log.take(), semaphore.available], [["large"], 0]);
    (await large).release();
    assertEquals([await log.take(), semaphore.available], [["small"], 2]);
    (await small).release();
  });

  test(`${name}.acquire() of many permits is served despite frequent small requests`, async () => {
    const semaphore = new Kind(4);
    let visits = 0;
    let over = false;
    const churn = async () => {
      while (!over) {
        await semaphore.run(turn);
        visits++;
      }
    };
    const light = [1, 2, 3, 4, 5, 6].map(churn);
    await turn();
    const before = visits;
    const heavy = await within("the heavy one", semaphore.acquire({ count: 4 }));
    // The current holders leave, and earlier waiters go first.
    assert(visits - before <= 10, `${visits - before} visits`);
    over = true;
    heavy.release();
    await within("the light ones", Promise.all(light));
    assertEquals(semaphore.available, 4);
  });

  test(`${name}.acquire() takes no free permits if its signal is already aborted`, async () => {
    const semaphore = new Kind(2);
    const { controller, signal, listeners } = countingSignal();
    controller.abort("gone");
    assertEquals(await semaphore.acquire({ signal }).catch((reason) => reason), "gone");
    assertEquals([semaphore.available, listeners()], [2, 0]);
  });

  test(`${name} serves waiters behind a large request that was aborted or timed out`, async () => {
    const semaphore = new Kind(3);
    const log = new Log();
    const held = await semaphore.acquire({ count: 2 });
    const { controller, signal } = countingSignal();
    log.follow("aborted", semaphore.acquire({ count: 2, signal }));
    log.follow("late", semaphore.acquire({ count: 3, timeout: SHORT }));
    const small = semaphore.acquire();
    log.follow("small", small.then(() => undefined));
    assertEquals(await log.take(), []);
    controller.abort("gone");
    assertEquals(await log.take(), ["aborted gone"]);
    const permit = await within("the small one", small);
    assertEquals(await log.take(), ["late TimeoutError", "small"]);
    permit.release();
    held.release();
    assertEquals(semaphore.available, 3);
  });

  test(`${name}.run() throws the function's error, and releases the permits`, async () => {
    const semaphore = new Kind(3);
    const failure = new Error("torn");
    const thrown = semaphore.run(() => {
      assertEquals(semaphore.available, 1);
      throw failure;
    }, { count: 2 });
    assertStrictEquals(await assertRejects(() => thrown), failure);
    assertStrictEquals(await assertRejects(() => semaphore.run(() => Promise.reject(failure))), failure);
    assertEquals([await semaphore.run(() => 42), semaphore.available], [42, 3]);
  });

  test(`${name} of 5 permits never has more than 5 of 1000 inside, and has 5 at the end`, async () => {
    const semaphore = new Kind(5);
    let [inside, most, visits] = [0, 0, 0];
    const visit = () =>
      semaphore.run(async () => {
        most = Math.max(most, ++inside);
        await turn();
        inside--;
        visits++;
      });
    await within("all", Promise.all(Array.from({ length: 1000 }, visit)));
    assertEquals([most, visits, semaphore.available], [5, 1000, 5]);
  });

  test(`${name} lets as many of ten waiters through as permits were released, phase after phase`, async () => {
    const semaphore = new Kind(7);
    const log = new Log();
    const held = await semaphore.acquire({ count: 7 });
    const permits: Permit[] = [];
    for (let i = 0; i < 10; i++) {
      log.follow(`${i}`, semaphore.acquire().then((permit) => void permits.push(permit)));
    }
    assertEquals(await log.take(), []);
    held.release();
    assertEquals(await log.take(), ["0", "1", "2", "3", "4", "5", "6"]);
    permits[3]!.release();
    assertEquals(await log.take(), ["7"]);
    permits[0]!.release();
    permits[7]!.release();
    assertEquals([await log.take(), semaphore.available], [["8", "9"], 0]);
    for (const permit of permits) permit.release();
    assertEquals(semaphore.available, 7);
  });

  test(`${name}.acquireSync() is served before waiters of its loop, which cannot run meanwhile`, async () => {
    const semaphore = new Kind(2);
    const log = new Log();
    const held = semaphore.tryAcquire()!;
    log.follow("large", semaphore.run(() => {}, { count: 2 }));
    semaphore.acquireSync({ timeout: 0 }).release();
    assertEquals(await log.take(), []);
    held.release();
    assertEquals([await log.take(), semaphore.available], [["large"], 2]);
  });
}

test("Semaphore.release() adds permits, and serves as many waiters as possible", async () => {
  const semaphore = new Semaphore(0);
  const log = new Log();
  for (const name of ["a", "b", "c", "d"]) log.follow(name, semaphore.acquire());
  semaphore.release(3);
  assertEquals([await log.take(), semaphore.available], [["a", "b", "c"], 0]);
  semaphore.release(4);
  assertEquals([await log.take(), semaphore.available], [["d"], 3]);
  semaphore.release();
  assertEquals(semaphore.available, 4);
});

test("Semaphore.release() past the maximum throws RangeError, and adds no permits", async () => {
  const semaphore = new Semaphore(MOST - 1);
  assertThrows(() => semaphore.release(2), RangeError, "(n is 2)");
  assertThrows(() => semaphore.release(MOST), RangeError);
  semaphore.release();
  assertEquals(semaphore.available, MOST);
  assertThrows(() => semaphore.release(), RangeError);
  const permit = await semaphore.acquire({ count: MOST });
  assertEquals(semaphore.available, 0);
  permit.release();
  assertEquals(semaphore.available, MOST);
});

test("Semaphore.acquire() of more permits than exist waits for them to be added", async () => {
  const semaphore = new Semaphore(1);
  const log = new Log();
  log.follow("large", semaphore.acquire({ count: 3 }));
  assertEquals([await log.take(), semaphore.available], [[], 1]);
  semaphore.release(2);
  assertEquals([await log.take(), semaphore.available], [["large"], 0]);
});

test("BoundedSemaphore.release() past its initial value throws RangeError, and adds no permits", async () => {
  const semaphore = new BoundedSemaphore(2);
  assertThrows(() => semaphore.release(), RangeError);
  const permit = await semaphore.acquire();
  assertThrows(() => semaphore.release(2), RangeError, "more than 2 would be free");
  assertEquals(semaphore.available, 1);
  semaphore.release();
  assertEquals(semaphore.available, 2);
  // The permit's share was released by other calls.
  assertThrows(() => permit.release(), RangeError);
  permit.release();
  assertEquals(semaphore.available, 2);
});

test("BoundedSemaphore.acquire() of more permits than its initial value throws RangeError at once", async () => {
  const semaphore = new BoundedSemaphore(2);
  await assertRejects(() => semaphore.acquire({ count: 3 }), RangeError, "from 1 to 2: current value is 3");
  assertThrows(() => semaphore.acquireSync({ count: 3 }), RangeError);
  assertThrows(() => semaphore.tryAcquire(3), RangeError);
  await assertRejects(() => semaphore.run(() => {}, { count: 3 }), RangeError);
  assertEquals(semaphore.available, 2);
  await assertRejects(() => new BoundedSemaphore(0).acquire({ timeout: 0 }), TimeoutError);
});

test("BoundedSemaphore is a Semaphore", () => {
  assert(new BoundedSemaphore() instanceof Semaphore);
});
