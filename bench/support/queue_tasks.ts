// Tasks for the two ends of a hand-over between threads, in a pool of two.
import { type SharedQueue, type Task, task } from "../../mod.ts";

/** The cell with the number of ready threads. */
const READY = 0;

/** How the tasks wait for items. */
export type Way = "sync" | "async";

/** Puts numbers. */
export const produce: Task<[SharedQueue<number>, Int32Array, number], void> = task(
  import.meta,
  function produce(queue: SharedQueue<number>, cells: Int32Array, count: number): void {
    meet(cells);
    for (let i = 0; i < count; i++) queue.putSync(i);
  },
);

/** Gets the numbers; returns the milliseconds after both threads were ready. */
export const consume: Task<[SharedQueue<number>, Int32Array, number, Way], Promise<number>> = task(
  import.meta,
  async function consume(queue: SharedQueue<number>, cells: Int32Array, count: number, way: Way): Promise<number> {
    meet(cells);
    const start = performance.now();
    if (way === "sync") { for (let i = 0; i < count; i++) check(queue.getSync(), i); }
    else for (let i = 0; i < count; i++) check(await queue.get(), i);
    return performance.now() - start;
  },
);

function meet(cells: Int32Array): void {
  Atomics.add(cells, READY, 1);
  while (Atomics.load(cells, READY) < 2);
}

function check(got: number, wanted: number): void {
  if (got !== wanted) throw new Error(`Wrong answer: ${got} instead of ${wanted}`);
}
