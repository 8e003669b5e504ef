// What two threads do at the same time with one lock, as tasks for a pool of two.
import { type Lock, type Task, task } from "../../mod.ts";
import { lockRaw, lockRawAsync, unlockRaw } from "./raw_mutex.ts";

/** How the two take turns: with our lock or with bare memory, by blocking the thread or by waiting in its loop. */
export type Way = "ours sync" | "ours async" | "raw sync" | "raw async";

/** The cells the two share: who is ready, a count that only a lock keeps right, how often it changed hands, a raw mutex. */
export const READY = 0, COUNT = 1, LAST = 2, CHANGES = 3, RAW = 4;
export const SHARED_CELLS = 5;

/** Goes in and out so many times, and returns the milliseconds that took once both were ready. */
export const contend: Task<[Way, Lock, Int32Array, number, number], Promise<number>> = task(
  import.meta,
  async function contend(way: Way, lock: Lock, cells: Int32Array, me: number, times: number): Promise<number> {
    Atomics.add(cells, READY, 1);
    while (Atomics.load(cells, READY) < 2);
    const start = performance.now();
    // Four plain loops: one with a function for the way would measure calls of that function.
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

/** Uses a lock in another thread, so that it is one between threads from then on. */
export const visitOnce: Task<[Lock], boolean> = task(import.meta, function visitOnce(lock: Lock): boolean {
  lock.acquireSync().release();
  return lock.locked;
}, "visitOnce");

/** Not atomic on purpose: a lock that let two in at once would be found out. */
function visit(cells: Int32Array, me: number): void {
  cells[COUNT] = cells[COUNT]! + 1;
  if (cells[LAST] === me) return;
  cells[LAST] = me;
  cells[CHANGES] = cells[CHANGES]! + 1;
}
