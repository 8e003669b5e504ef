// Tasks with which two threads contend for one lock, in a pool of two.
import { type Lock, type Task, task } from "../../mod.ts";
import { lockRaw, lockRawAsync, unlockRaw } from "./raw_mutex.ts";

/** The lock and the way to wait: our lock or bare memory, blocking the thread or waiting in its loop. */
export type Way = "ours sync" | "ours async" | "raw sync" | "raw async";

/** The shared cells: ready threads, a count that only a lock keeps correct, the last holder, changes of the holder, a raw mutex. */
export const READY = 0, COUNT = 1, LAST = 2, CHANGES = 3, RAW = 4;
export const SHARED_CELLS = 5;

/** Acquires and releases `times` times, and returns the milliseconds after both threads were ready. */
export const contend: Task<[Way, Lock, Int32Array, number, number], Promise<number>> = task(
  import.meta,
  async function contend(way: Way, lock: Lock, cells: Int32Array, me: number, times: number): Promise<number> {
    Atomics.add(cells, READY, 1);
    while (Atomics.load(cells, READY) < 2);
    const start = performance.now();
    // Four copies of the loop: a loop that calls a function for each way would measure those calls.
    if (way === "ours sync") {
      for (let i = 0; i < times; i++) {
        const permit = lock.acquireSync();
        visit(cells, me);
        permit.release();
      }
    } else if (way === "ours async") {
      for (let i = 0; i < times; i++) {
        const permit = await lock.acquire();
        visit(cells, me);
        permit.release();
      }
    } else if (way === "raw sync") {
      for (let i = 0; i < times; i++) {
        lockRaw(cells, RAW);
        visit(cells, me);
        unlockRaw(cells, RAW);
      }
    } else {
      for (let i = 0; i < times; i++) {
        await lockRawAsync(cells, RAW);
        visit(cells, me);
        unlockRaw(cells, RAW);
      }
    }
    return performance.now() - start;
  },
);

/** Uses a lock in another thread, so that it becomes a lock between threads. */
export const visitOnce: Task<[Lock], boolean> = task(import.meta, function visitOnce(lock: Lock): boolean {
  lock.acquireSync().release();
  return lock.locked;
}, "visitOnce");

/** Not atomic on purpose: this reveals a lock that admits two threads at once. */
function visit(cells: Int32Array, me: number): void {
  cells[COUNT] = cells[COUNT]! + 1;
  if (cells[LAST] === me) return;
  cells[LAST] = me;
  cells[CHANGES] = cells[CHANGES]! + 1;
}
