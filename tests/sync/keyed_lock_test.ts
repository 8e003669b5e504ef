// Tests keyed locks and keyed semaphores within one loop.

import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import { KeyedLock, KeyedSemaphore, TimeoutError } from "../../src/sync/mod.ts";
import { type Model, playAll } from "../support/interleave.ts";
import { turn } from "../support/log.ts";
import { countingSignal } from "../support/signals.ts";
import { SHORT } from "../support/timing.ts";

const KINDS = [
  { name: "KeyedLock", make: () => new KeyedLock(), limit: 1 },
  { name: "KeyedSemaphore", make: () => new KeyedSemaphore(2), limit: 2 },
];

for (const { name, make, limit } of KINDS) {
  test(`${name}.acquire() gives each key its own permits, first come, first served`, async () => {
    const lock = make();
    const order: string[] = [];
    const visit = async (key: string, who: string) => {
      const permit = await lock.acquire(key);
      order.push(who);
      await turn();
      permit.release();
    };
    await Promise.all([
      ...Array.from({ length: 3 * limit }, (_, i) => visit("a", `a${i}`)),
      ...Array.from({ length: limit }, (_, i) => visit("b", `b${i}`)),
    ]);
    const ofA = order.filter((who) => who.startsWith("a"));
    assertEquals(ofA, ofA.toSorted());
    // The second key does not wait for callers of the first.
    assert(order.indexOf("b0") < order.indexOf(`a${limit}`), String(order));
    assertEquals([...lock.keys()], []);
  });

  test(`${name}.keys() lists the holders and the number of waiters of each key`, async () => {
    const lock = make();
    const held = Array.from({ length: limit }, () => lock.acquireSync("a"));
    const other = lock.tryAcquire("b")!;
    const waits = [lock.acquire("a"), lock.acquire("a")];
    assertEquals([...lock.keys()], [
      { key: "a", holders: new Array(limit).fill("MainThread"), waiting: 2 },
      { key: "b", holders: ["MainThread"], waiting: 0 },
    ]);
    other.release();
    for (const permit of held) permit.release();
    for (const wait of waits) (await wait).release();
    assertEquals([...lock.keys()], []);
  });

  test(`${name}.acquire() returns a disposable permit that releases the key once`, () => {
    const lock = make();
    const permits = Array.from({ length: limit }, () => lock.acquireSync("a"));
    assertEquals(lock.tryAcquire("a"), undefined);
    permits[0]![Symbol.dispose]();
    permits[0]!.release();
    const again = lock.tryAcquire("a")!;
    assertEquals(lock.tryAcquire("a"), undefined);
    for (const permit of [again, ...permits]) permit.release();
    assertEquals([...lock.keys()], []);
  });

  test(`${name}.run() releases the key when the function returns or throws`, async () => {
    const lock = make();
    assertEquals(await lock.run("a", () => 1), 1);
    await assertRejects(() => lock.run("a", () => Promise.reject(new Error("no"))), Error, "no");
    assertEquals([...lock.keys()], []);
  });

  test(`${name}.acquire() observes its timeout and signal, and leaves nothing behind`, async () => {
    const lock = make();
    const held = Array.from({ length: limit }, () => lock.acquireSync("a"));
    const { controller, signal, listeners } = countingSignal();
    const aborted = assertRejects(() => lock.acquire("a", { signal }), Error, "enough");
    const late = assertRejects(() => lock.acquire("a", { timeout: SHORT }), TimeoutError, 'key "a" of a');
    await assertRejects(() => lock.acquire("a", { timeout: 0 }), TimeoutError);
    assertThrows(() => lock.acquireSync("a", { timeout: 0 }), TimeoutError);
    assertThrows(() => lock.acquireSync("a", { timeout: SHORT }), TimeoutError);
    await assertRejects(() => lock.acquire("a", { timeout: NaN }), RangeError);
    await assertRejects(() => lock.acquire("a", { timout: 1 } as never), TypeError, "timeout");
    controller.abort(new Error("enough"));
    await aborted;
    await late;
    assertEquals([[...lock.keys()][0]!.waiting, listeners()], [0, 0]);
    for (const permit of held) permit.release();
    assertEquals([...lock.keys()], []);
    await assertRejects(() => lock.acquire("a", { signal }), Error, "enough");
    assertEquals([...lock.keys()], []);
  });

  test(`${name} rejects keys that are not strings`, async () => {
    const lock = make();
    for (const key of [1, undefined, null, {}]) {
      await assertRejects(() => lock.acquire(key as never), TypeError, "'key'");
      assertThrows(() => lock.tryAcquire(key as never), TypeError, "'key'");
      assertThrows(() => lock.acquireSync(key as never), TypeError, "'key'");
    }
    assertEquals([...lock.keys()], []);
  });

  test(`${name} forgets each of a million keys`, async () => {
    const lock = make();
    for (let i = 0; i < 1_000_000; i++) lock.tryAcquire(`key ${i}`)!.release();
    assertEquals([...lock.keys()], []);
    for (let i = 0; i < 1_000; i++) await lock.run(`key ${i}`, () => {});
    assertEquals([...lock.keys()], []);
  });

  test(`${name} agrees with a model in every order of six events`, async () => {
    await playAll(model(limit), 6, () => {
      const lock = make();
      const controllers: AbortController[] = [];
      const waits: Promise<unknown>[] = [];
      const permits: { key: string; permit: { release(): void } }[] = [];
      const log: string[] = [];
      return {
        step: async (op) => {
          const [what, key] = op.split(" ") as [string, string];
          if (what === "acquire") {
            const controller = new AbortController();
            controllers.push(controller);
            const id = controllers.length - 1;
            waits.push(
              lock.acquire(key, { signal: controller.signal }).then((permit) => {
                permits.push({ key, permit });
                log.push(`+${id}`);
              }, () => log.push(`-${id}`)),
            );
          } else if (what === "abort") controllers[Number(key)]!.abort();
          else permits.splice(permits.findIndex((each) => each.key === key), 1)[0]!.permit.release();
          await turn();
        },
        check: (expected) => {
          assertEquals(log, expected.log);
          assertEquals(
            Object.fromEntries([...lock.keys()].map(({ key, holders, waiting }) => [key, [holders.length, waiting]])),
            Object.fromEntries(
              ["a", "b"].flatMap((key) => {
                const state = [
                  expected.held.filter((each) => each === key).length,
                  expected.waiting.filter((each) => each.key === key).length,
                ];
                return state[0]! + state[1]! === 0 ? [] : [[key, state]];
              }),
            ),
          );
        },
        end: async () => {
          for (const controller of controllers) controller.abort();
          await Promise.all(waits);
          for (const { permit } of permits) permit.release();
          assertEquals([...lock.keys()], []);
        },
      };
    });
  });
}

/** The holders and the waiters of two keys. */
interface State {
  readonly held: readonly string[];
  readonly waiting: readonly { key: string; id: number }[];
  readonly next: number;
  readonly log: readonly string[];
}

function model(limit: number): Model<State, string> {
  return {
    start: { held: [], waiting: [], next: 0, log: [] },
    choices: ({ held, waiting }) => [
      "acquire a",
      "acquire b",
      ...[...new Set(held)].map((key) => `release ${key}`),
      ...waiting.map(({ id }) => `abort ${id}`),
    ],
    after: (state, op) => {
      const [what, key] = op.split(" ") as [string, string];
      const holds = (held: readonly string[]) => held.filter((each) => each === key).length;
      if (what === "abort") {
        const id = Number(key);
        return { ...state, waiting: state.waiting.filter((each) => each.id !== id), log: [...state.log, `-${id}`] };
      }
      if (what === "acquire") {
        const id = state.next;
        const next = { ...state, next: id + 1 };
        if (holds(state.held) < limit) return { ...next, held: [...state.held, key], log: [...state.log, `+${id}`] };
        return { ...next, waiting: [...state.waiting, { key, id }] };
      }
      const held = state.held.toSpliced(state.held.indexOf(key), 1);
      const first = state.waiting.find((each) => each.key === key);
      if (first === undefined) return { ...state, held };
      return {
        ...state,
        held: [...held, key],
        waiting: state.waiting.filter((each) => each !== first),
        log: [...state.log, `+${first.id}`],
      };
    },
  };
}

test("new KeyedSemaphore() rejects an invalid number of permits", () => {
  for (const value of [0, -1, 0.5, NaN, Infinity]) assertThrows(() => new KeyedSemaphore(value), RangeError);
  for (const value of ["1", undefined, null]) assertThrows(() => new KeyedSemaphore(value as never), TypeError);
});

test("KeyedLock.run() returns the same value as the function", async () => {
  const value = {};
  assertStrictEquals(await new KeyedLock().run("a", () => Promise.resolve(value)), value);
});
