// Measures a lock for which two threads contend all the time.
import { Lock, type ThreadPoolExecutor } from "../../mod.ts";
import { duel, type DuelOptions } from "./duel.ts";
import { CHANGES, contend, COUNT, SHARED_CELLS, type Way } from "./lock_tasks.ts";
import { count } from "./print.ts";
import { type Doer, rowsOf, type Sheet } from "./sheets.ts";

/** The acquires of each thread: the blocking forms make more of them in the same time. */
export interface Turns {
  readonly sync: number;
  readonly async: number;
}

export async function contending(pool: ThreadPoolExecutor, turns: Turns, options: DuelOptions): Promise<Sheet[]> {
  return [
    await sheetOf(pool, "sync", "acquireSync()", turns.sync, options),
    await sheetOf(pool, "async", "acquire()", turns.async, options),
  ];
}

async function sheetOf(
  pool: ThreadPoolExecutor,
  form: keyof Turns,
  words: string,
  times: number,
  options: DuelOptions,
): Promise<Sheet> {
  const lock = new Lock();
  const changes: Record<string, number[]> = { ours: [], raw: [] };
  const run = (who: "ours" | "raw") => async () => {
    const { took, changed } = await race(pool, `${who} ${form}`, lock, times);
    changes[who]!.push(changed);
    return took / (2 * times);
  };
  const found = await duel({ ours: run("ours"), raw: run("raw") }, options);
  const doers: Doer[] = [
    { id: "ours", name: "heddle Lock", group: "ours" },
    { id: "raw", name: "raw memory", group: "raw" },
  ];
  const share = (who: string): string => {
    const all = changes[who]!;
    return count(2 * times * all.length / Math.max(1, all.reduce((sum, each) => sum + each, 0)));
  };
  return {
    id: `contending_${form}`,
    title: `Two threads contending for one lock, ${words}`,
    hint: `Each thread acquires and releases ${count(times)} times without a pause; the time per acquire.`,
    note: `The lock changed threads once in ${share("ours")} acquires (heddle) and ${share("raw")} (raw memory).`,
    rows: rowsOf(doers, found),
  };
}

/** Returns the longer time of the two threads, in milliseconds, and how many times the lock changed threads. */
async function race(
  pool: ThreadPoolExecutor,
  way: Way,
  lock: Lock,
  times: number,
): Promise<{ took: number; changed: number }> {
  const cells = new Int32Array(new SharedArrayBuffer(4 * SHARED_CELLS));
  const took = await Promise.all([1, 2].map((me) => pool.submit(contend, way, lock, cells, me, times)));
  if (cells[COUNT] !== 2 * times) throw new Error(`Wrong answer: ${cells[COUNT]} of ${2 * times} were counted`);
  return { took: Math.max(...took), changed: cells[CHANGES]! };
}
