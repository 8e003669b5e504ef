// 23 threads want to be where there is room for 5: a semaphore that every thread is given as an argument.
//
//   deno run -A scripts/examples/semaphore_23_threads.ts [--threads 23] [--room 5] [--stay 50]     (or bun, or node)

import { setTimeout as rest } from "node:timers/promises";
import { Barrier, currentThread, Semaphore, type Task, task, Thread } from "@heddle/heddle";
import { ExampleError } from "./support/run_example.ts";
import { runWithNumbers } from "./support/numbers.ts";

/** What all threads are given: the same objects and the same memory on every one of them. */
export interface Place {
  /** Nobody starts before all are there, or the first would have left before the last is born. */
  start: Barrier;
  room: Semaphore;
  /** How many are inside. */
  inside: Int32Array;
}

/** Visits the place for some milliseconds, and returns how many were inside then, itself included. */
export const visit: Task<[place: Place, stay: number], Promise<number>> = task(
  import.meta,
  async function visit({ start, room, inside }: Place, stay: number): Promise<number> {
    await start.wait();
    return await room.run(async () => {
      const count = Atomics.add(inside, 0, 1) + 1;
      console.log(`${currentThread().name} enters: ${count} inside`);
      await rest(stay);
      console.log(`${currentThread().name} leaves: ${Atomics.sub(inside, 0, 1) - 1} inside`);
      return count;
    });
  },
);

async function runVisits({ threads, room, stay }: { threads: number; room: number; stay: number }): Promise<void> {
  const place: Place = {
    start: new Barrier(threads),
    room: new Semaphore(room),
    inside: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
  };
  const visitors = Array.from(
    { length: threads },
    (_, i) => new Thread(visit, [place, stay], { name: `Guest ${i + 1}` }),
  );
  for (const visitor of visitors) visitor.start();
  // Whoever makes it fuller than ever sees that when it enters.
  const most = Math.max(...await Promise.all(visitors.map(({ result }) => result)));
  // The last lines are printed when the threads are gone.
  for (const visitor of visitors) await visitor.join();
  if (most > room) throw new ExampleError(`Cannot trust the semaphore: ${most} were inside, with room for ${room}`);
  console.log(`All ${threads} have been inside, and never more than ${most} at once; there is room for ${room}.`);
}

if (import.meta.main) await runWithNumbers({ threads: 23, room: 5, stay: 50 }, runVisits);
