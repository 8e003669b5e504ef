// Task of semaphore_23_threads.ts, in a module of its own: every worker loads the module of its task.

import { delay } from "@std/async";
import type { SharedQueue } from "@heddle/heddle/queue";
import type { SharedValue } from "@heddle/heddle/shared";
import type { Barrier, Semaphore } from "@heddle/heddle/sync";
import { type Task, task } from "@heddle/heddle/task";

/** The objects that all threads share. */
export interface Place {
  /** All threads start here together; otherwise the first would release its permit before the last has started. */
  start: Barrier;
  room: Semaphore;
  /** The number of threads that hold a permit. */
  inside: SharedValue<"int32">;
  /** Reports, in the order in which they happened. */
  lines: SharedQueue<string>;
}

/** Holds a permit for `stay` milliseconds. Returns how many threads held one on entry, including this one. */
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
 * Changes the count and reports it in one step. Without the lock, another thread could change the count between the two, and
 * its report would come first.
 */
async function note({ inside, lines }: Place, change: number, what: string): Promise<number> {
  return await inside.lock.run(() => {
    inside.add(change);
    lines.putSync(`${what}: ${inside.value} inside`);
    return inside.value;
  });
}
