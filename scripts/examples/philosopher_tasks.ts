// The task of philosophers.ts. It has a module of its own, as every worker loads the module its task is in.

import { delay } from "@std/async";
import { type Barrier, DeadlockError, type Lock, type RLock } from "@heddle/heddle/sync";
import { type Task, task } from "@heddle/heddle/task";

/** The locks of a philosopher; those of the same name are the same for all. */
export interface Seat {
  first: Lock | RLock;
  second: Lock | RLock;
  /** Held from before the first to after the second, in mode "lock". */
  both: Lock | undefined;
  /** All begin together. */
  start: Barrier;
}

/** What a philosopher reports. */
export interface Evening {
  meals: number;
  /** Why the philosopher left early. */
  deadlock?: string;
}

/** Milliseconds from taking the first thing to taking the second. */
const REACH = 5;

/** Eats the given number of meals, or fewer if a deadlock would close. */
export const dine: Task<[seat: Seat, meals: number], Promise<Evening>> = task(
  import.meta,
  async function dine({ first, second, both, start }: Seat, meals: number): Promise<Evening> {
    start.waitSync();
    for (let meal = 0; meal < meals; meal++) {
      try {
        using _both = both?.acquireSync();
        using _first = first.acquireSync();
        await delay(REACH);
        using _second = second.acquireSync();
      } catch (error) {
        if (error instanceof DeadlockError) return { meals: meal, deadlock: error.message };
        throw error;
      }
    }
    return { meals };
  },
);
