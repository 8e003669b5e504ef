import { test } from "node:test";
import { assert, assertEquals, assertGreater, assertNotEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import {
  currentIdent,
  deaths,
  isDead,
  joinThreads,
  LARGEST_IDENT,
  markDead,
  newIdent,
  type ThreadTable,
  threadTable,
  wasDone,
} from "../../src/core/thread_table.ts";
import { within } from "../support/poll.ts";
import { TEST_LIMIT } from "../support/timing.ts";

const MAIN = 1;
/** The cell that counts the drawn numbers. */
const LATEST = 0;

/** Runs a test on a copy of the initial table, and restores the real one. */
function onCopy(fn: (table: ThreadTable) => void): void {
  const real = threadTable();
  const copy = new Int32Array(new SharedArrayBuffer(real.byteLength));
  copy.set(real);
  joinThreads(copy, MAIN);
  try {
    fn(copy);
  } finally {
    joinThreads(real, MAIN);
  }
}

test("currentIdent() of the main thread is 1, and the thread is alive", () => {
  assertEquals([currentIdent(), isDead(MAIN), deaths()], [MAIN, false, 0]);
});

test("threadTable() is memory that threads can share", () => {
  assert(threadTable().buffer instanceof SharedArrayBuffer);
  assertStrictEquals(threadTable(), threadTable());
});

test("newIdent() continues from the number of the main thread", () => {
  onCopy(() => assertEquals([newIdent(), newIdent(), newIdent()], [2, 3, 4]));
});

test("isDead() is false for a live thread, and for one that never existed", () => {
  onCopy(() => {
    const ident = newIdent();
    assertEquals([isDead(ident), isDead(ident + 1), isDead(LARGEST_IDENT)], [false, false, false]);
  });
});

test("markDead() marks only that thread, and counts it", () => {
  onCopy(() => {
    const idents = [newIdent(), newIdent(), newIdent()];
    markDead(idents[1]!);
    assertEquals([idents.map(isDead), deaths()], [[false, true, false], 1]);
    markDead(idents[2]!);
    assertEquals([idents.map(isDead), deaths()], [[false, true, true], 2]);
  });
});

test("newIdent() does not reuse a dead thread's number while there are fresh ones", () => {
  onCopy(() => {
    const first = newIdent();
    markDead(first);
    for (let ident = first + 1; ident <= LARGEST_IDENT; ident++) assertEquals(newIdent(), ident);
    assert(isDead(first));
  });
});

test("newIdent() reuses numbers of dead threads once all were used, never those of live ones", () => {
  onCopy(() => {
    for (let ident = 2; ident <= LARGEST_IDENT; ident++) newIdent();
    for (const ident of [9, 5, LARGEST_IDENT]) markDead(ident);
    assertEquals([newIdent(), newIdent(), newIdent()], [5, 9, LARGEST_IDENT]);
    assertEquals([isDead(5), isDead(9), isDead(LARGEST_IDENT), deaths()], [false, false, false, 3]);
  });
});

test("newIdent() throws when all possible threads live, and finds the next that dies", () => {
  onCopy(() => {
    for (let ident = 2; ident <= LARGEST_IDENT; ident++) newIdent();
    const error = assertThrows(newIdent, RangeError);
    assertEquals(error.message, "Cannot start a thread: all thread idents are in use (limit is 65535)");
    markDead(1234);
    assertEquals(newIdent(), 1234);
    assertThrows(newIdent, RangeError);
  });
});

test("newIdent() stays within its range when the count of all threads overflows a cell", () => {
  onCopy((table) => {
    table[LATEST] = 2 ** 31 - 3;
    const idents = Array.from({ length: 8 }, newIdent);
    assertEquals(new Set(idents).size, 8);
    for (const ident of idents) assert(ident > MAIN && ident <= LARGEST_IDENT, `ident ${ident}`);
    assertEquals(idents.map(isDead), idents.map(() => false));
  });
});

test("joinThreads() adds a thread to the threads that share the table", () => {
  onCopy((table) => {
    const ident = newIdent();
    joinThreads(table, ident);
    assertEquals([currentIdent(), newIdent()], [ident, ident + 1]);
    assertStrictEquals(threadTable(), table);
  });
  assertEquals(currentIdent(), MAIN);
  assertNotEquals(threadTable()[LATEST], 3);
});

test("newIdent() never gives a number twice in several concurrent threads", { timeout: TEST_LIMIT }, async () => {
  const draws = 20_000;
  const table = threadTable();
  const own = [newIdent(), newIdent()];
  const workers = own.map((ident) =>
    new Worker(new URL("./ident_worker.ts", import.meta.url), { workerData: { table, ident, draws } })
  );
  const exits = workers.map((worker) => once(worker, "exit"));
  const answers = await within(
    "the threads",
    Promise.all(workers.map(async (worker) => {
      const [answer] = await once(worker, "message");
      return answer as { own: number; drawn: number[] };
    })),
  );
  await within("the ends of the threads", Promise.all(exits));
  assertEquals(answers.map((answer) => answer.own), own);
  const all = [MAIN, ...own, ...answers.flatMap((answer) => answer.drawn)];
  assertEquals(new Set(all).size, all.length);
  assertGreater(all.length, 2 * draws);
  assertEquals([own.map(isDead), deaths()], [[true, true], 2]);
});

test("wasDone() distinguishes a thread that completed from one that died", () => {
  onCopy(() => {
    const [done, killed] = [newIdent(), newIdent()];
    assertEquals([wasDone(done), isDead(done)], [false, false]);
    markDead(done, true);
    markDead(killed);
    assertEquals([wasDone(done), isDead(done), wasDone(killed), isDead(killed)], [true, true, false, true]);
  });
});
