import { assert, assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import {
  findCycle,
  inTurn,
  isWatched,
  lockNumber,
  noteHolder,
  noteWait,
  partsOf,
  watch,
} from "../../src/core/wait_graph.ts";

// No thread of this process has these numbers.
const [A, B, C] = [60_001, 60_002, 60_003] as const;
const cells = new Int32Array(new SharedArrayBuffer(12));
const [ONE, TWO, THREE] = [0, 1, 2].map((i) => lockNumber(cells, i)) as [number, number, number];

function clear(): void {
  for (const thread of [A, B, C]) noteWait(thread, 0);
  for (const lock of [ONE, TWO, THREE]) noteHolder(lock, 0);
}

test("lockNumber() gives each lock a permanent number", () => {
  assertEquals(new Set([ONE, TWO, THREE]).size, 3);
  assertEquals(lockNumber(cells, 1), TWO);
});

test("lockNumber() keeps the kind of a lock with its number", () => {
  const lock = lockNumber(new Int32Array(new SharedArrayBuffer(4)), 0, 2);
  assertEquals(partsOf(lock), { kind: 2, number: partsOf(THREE).number + 1 });
  noteHolder(lock, A);
  noteWait(A, lock);
  assertEquals(findCycle(A), [{ thread: A, holds: lock, waitsFor: lock }]);
  noteWait(A, 0);
});

test("findCycle() names each thread, the lock it holds and the lock it waits for", () => {
  clear();
  noteHolder(ONE, A), noteHolder(TWO, B), noteHolder(THREE, C);
  noteWait(A, TWO), noteWait(B, THREE);
  assertEquals(findCycle(B), undefined);
  noteWait(C, ONE);
  assertEquals(findCycle(C), [
    { thread: C, holds: THREE, waitsFor: ONE },
    { thread: A, holds: ONE, waitsFor: TWO },
    { thread: B, holds: TWO, waitsFor: THREE },
  ]);
  clear();
});

test("findCycle() ends at a lock without holder or waiter, and at a cycle of other threads", () => {
  clear();
  noteWait(A, ONE);
  assertEquals(findCycle(A), undefined);
  noteHolder(ONE, B);
  assertEquals(findCycle(A), undefined);
  noteHolder(TWO, C), noteHolder(THREE, B);
  noteWait(B, TWO), noteWait(C, THREE);
  assertEquals(findCycle(A), undefined);
  assertEquals(findCycle(B)?.length, 2);
  clear();
});

test("watch() is off at first", () => {
  assert(!isWatched());
  watch(true);
  assert(isWatched());
  watch(false);
  assert(!isWatched());
});

test("inTurn() returns its function's result, and lets the next caller in after an error", () => {
  assertEquals(inTurn(() => 1), 1);
  assertThrows(() =>
    inTurn(() => {
      throw new RangeError("no");
    }), RangeError);
  assertEquals(inTurn(() => 2), 2);
});

test("inTurn() proceeds when a thread has died in its turn", () => {
  // A nested turn stands for one that never ends.
  assertEquals(inTurn(() => inTurn(() => 3)), 3);
  assertEquals(inTurn(() => 4), 4);
});
