// The task of semaphore_23_threads.ts. It has a module of its own, as every worker loads the module its task is in.

import { delay } from "@std/async";
import type { SharedQueue } from "@heddle/heddle/queue";
import type { SharedValue } from "@heddle/heddle/shared";
import type { Barrier, Semaphore } from "@heddle/heddle/sync";
import { type Task, task } from "@heddle/heddle/task";

/** What all threads are given: the same objects on every one of them. */
export interface Place {
  /** All threads wait here before they ask for a permit: the first one would be gone before the last one has started. */
  start: Barrier;
  room: Semaphore;
  /** How many threads are inside. */
  inside: SharedValue<"int32">;
  /** What happened, in order. */
  lines: SharedQueue<string>;
}

/** Holds a permit for some milliseconds, and returns how many threads held one when it entered, itself included. */
export const visit: Task<[name: string, place: Place, stay: number], Promise<number>> = task(
  import.meta,
  async function visit(name: string, place: Place, stay: number): Promise<number> {
    await place.start.wait();
    return await place.room.run(async () => {
      const count = await note(place, 1, `${name} enters`);
      await delay(stay);
      await note(place, -1, `${name} leaves`);
      return count;
    });
  },
);

/**
 * Changes the count and reports it, in one step. Without the lock another thread could count in between, and its line be first.
 */
async function note({ inside, lines }: Place, change: number, what: string): Promise<number> {
  return await inside.lock.run(() => {
    inside.add(change);
    lines.putSync(`${what}: ${inside.value} inside`);
    return inside.value;
  });
}
