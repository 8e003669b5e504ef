// Tests semaphores whose number of permits changes.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { BoundedSemaphore } from "../../src/sync/bounded_semaphore.ts";
import type { Permit } from "../../src/sync/permit.ts";
import { Semaphore } from "../../src/sync/semaphore.ts";
import { type Model, playAll } from "../support/interleave.ts";
import { Log } from "../support/log.ts";

/** The largest number of permits. */
const MOST = 2 ** 31 - 1;
const KINDS = [Semaphore, BoundedSemaphore];

for (const Kind of KINDS) {
  const { name } = Kind;

  test(`${name}.resize() to more permits serves waiters at once`, async () => {
    const semaphore = new Kind(1);
    const log = new Log();
    for (const who of ["a", "b", "c", "d"]) log.follow(who, semaphore.acquire());
    assertEquals(await log.take(), ["a"]);
    semaphore.resize(3);
    assertEquals([await log.take(), semaphore.available], [["b", "c"], 0]);
    semaphore.resize(6);
    assertEquals([await log.take(), semaphore.available], [["d"], 2]);
  });

  test(`${name}.resize() to fewer permits takes effect as permits are released`, () => {
    const semaphore = new Kind(3);
    const permits = [1, 2, 3].map(() => semaphore.tryAcquire()!);
    semaphore.resize(1);
    for (const permit of permits.slice(0, 2)) {
      permit.release();
      assertEquals([semaphore.available, semaphore.tryAcquire()], [0, undefined]);
    }
    permits[2]!.release();
    assertEquals([semaphore.available, semaphore.tryAcquire(1) !== undefined], [1, true]);
    semaphore.resize(0);
    assertEquals(semaphore.available, 0);
    semaphore.resize(MOST);
    assertEquals(semaphore.available, MOST - 1);
  });

  test(`${name}.resize() rejects an invalid number of permits`, () => {
    const semaphore = new Kind(2);
    for (const value of [-1, 0.5, NaN, Infinity, MOST + 1]) {
      assertThrows(() => semaphore.resize(value), RangeError, "'value'");
    }
    for (const value of ["1", null, undefined]) {
      assertThrows(() => semaphore.resize(value as never), TypeError, "'value'");
    }
    assertEquals(semaphore.available, 2);
  });

  test(`${name}.resize() agrees with a model in every order of six events`, async () => {
    type State = { value: number; held: number };
    const model: Model<State, string> = {
      start: { value: 2, held: 0 },
      choices: ({ value, held }) => [
        ...(held < value ? ["take"] : []),
        ...(held > 0 ? ["release"] : []),
        ...[0, 1, 2, 3].filter((to) => to !== value).map((to) => `resize ${to}`),
      ],
      after: ({ value, held }, op) => {
        if (op === "take") return { value, held: held + 1 };
        if (op === "release") return { value, held: held - 1 };
        return { value: Number(op.slice(7)), held };
      },
    };
    await playAll(model, 6, () => {
      const semaphore = new Kind(2);
      const permits: Permit[] = [];
      return {
        step(op) {
          if (op === "take") permits.push(semaphore.tryAcquire()!);
          else if (op === "release") permits.pop()!.release();
          else semaphore.resize(Number(op.slice(7)));
        },
        check: ({ value, held }) => assertEquals(semaphore.available, Math.max(0, value - held)),
        end: () => permits.forEach((permit) => permit.release()),
      };
    });
  });
}

test("BoundedSemaphore.release() is bounded by the value of the latest resize()", () => {
  const semaphore = new BoundedSemaphore(1);
  semaphore.resize(3);
  const permits = [1, 2, 3].map(() => semaphore.tryAcquire()!);
  assertEquals(semaphore.tryAcquire(), undefined);
  semaphore.resize(2);
  assertThrows(() => semaphore.tryAcquire(3), RangeError, "from 1 to 2");
  semaphore.release();
  for (const permit of permits.slice(1)) permit.release();
  assertThrows(() => semaphore.release(), RangeError, "more than 2 would be free");
  assertEquals(semaphore.available, 2);
});

test("Semaphore.resize() discards permits that release() has added", () => {
  const semaphore = new Semaphore(1);
  semaphore.release(4);
  assertEquals(semaphore.available, 5);
  semaphore.resize(2);
  assertEquals(semaphore.available, 2);
});
