// Task of philosophers.ts, in a module of its own: every worker loads the module of its task.

import { delay } from "@std/async";
import { type Barrier, DeadlockError, type Lock, type RLock } from "@heddle/heddle/sync";
import { type Task, task } from "@heddle/heddle/task";

/** The locks of a philosopher; all philosophers share the noodles and the fork. */
export interface Seat {
  first: Lock | RLock;
  second: Lock | RLock;
  /** In mode "lock", held until the philosopher holds both locks. */
  both: Lock | undefined;
  /** Makes all philosophers start together. */
  start: Barrier;
}

/** The report of a philosopher. */
export interface Evening {
  meals: number;
  /** The message of the deadlock that made the philosopher leave early. */
  deadlock?: string;
}

/** Milliseconds between taking the first thing and the second. */
const REACH = 5;

/** Eats `meals` meals, or fewer if a deadlock is detected. */
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
