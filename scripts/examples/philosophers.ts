// Four philosophers, one bowl of noodles, one fork: nobody can eat without both.
//
//   deno run -A scripts/examples/philosophers.ts [deadlock | rlock | order] [--meals 10]        (or bun, or node)
//
// deadlock: two locks. Two philosophers take the noodles first, two the fork: soon each kind holds what the other needs.
//           The library notices, and turns the one away who would have closed the circle: he leaves hungry.
// rlock:    one reentrant lock stands for both. Whoever has it can take it again, so the order makes no difference.
// order:    two locks, and everybody takes the noodles first.
//
// Without a mode all three run, one after another.

import { setTimeout as rest } from "node:timers/promises";
import { Barrier, DeadlockError, Lock, RLock, setDeadlockDetection, type Task, task, Thread } from "@heddle/heddle";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";

type Mode = "deadlock" | "rlock" | "order";
type Thing = "noodles" | "fork";

/** What a philosopher is given; the locks are the same for all. */
export interface Seat {
  first: Lock | RLock;
  second: Lock | RLock;
  /** All sit down together. */
  start: Barrier;
}

/** How a philosopher fared. */
export interface Evening {
  meals: number;
  /** Why he left before the end. */
  deadlock?: string;
}

const MODES: readonly Mode[] = ["deadlock", "rlock", "order"];
const NAMES = ["Thales", "Hypatia", "Diotima", "Kant"];
/** How long a hand takes from one thing to the other, in milliseconds. */
const REACH = 5;
/** How long one waits for all to have eaten: whoever waits longer waits for ever. */
const PATIENCE = 30_000;

/** Eats so many meals, or as many as go without a deadlock. */
export const dine: Task<[seat: Seat, meals: number], Promise<Evening>> = task(
  import.meta,
  async function dine({ first, second, start }: Seat, meals: number): Promise<Evening> {
    start.waitSync();
    for (let meal = 0; meal < meals; meal++) {
      const one = first.acquireSync();
      try {
        await rest(REACH);
        second.acquireSync().release();
      } catch (error) {
        if (error instanceof DeadlockError) return { meals: meal, deadlock: error.message };
        throw error;
      } finally {
        one.release();
      }
    }
    return { meals };
  },
);

async function runPhilosophers({ meals }: { meals: number }, words: string[]): Promise<void> {
  const unknown = words.find((word) => !MODES.includes(word as Mode));
  if (unknown !== undefined) throw new ExampleError(`Cannot dine in mode '${unknown}': use ${MODES.join(", ")}`);
  // From here on, and for the threads that start later.
  setDeadlockDetection(true);
  for (const mode of words.length > 0 ? words as Mode[] : MODES) await runEvening(mode, meals);
}

async function runEvening(mode: Mode, meals: number): Promise<void> {
  const things: Record<Thing, Lock | RLock> = mode === "rlock"
    ? sameForBoth(new RLock())
    : { noodles: new Lock(), fork: new Lock() };
  const start = new Barrier(NAMES.length);
  const threads = NAMES.map((name, i) => {
    const [first, second]: Thing[] = mode === "order" || i % 2 === 0 ? ["noodles", "fork"] : ["fork", "noodles"];
    const seat: Seat = { first: things[first!], second: things[second!], start };
    // The program would not wait for daemons, should they wait for each other.
    return new Thread(dine, [seat, meals], { name, daemon: true }).start();
  });
  const patience = AbortSignal.timeout(PATIENCE);
  for (const thread of threads) await thread.join({ signal: patience });

  let eaten = 0, hungry = 0;
  for (const { name, ident, result } of threads) {
    const evening = result.resultNow();
    eaten += evening.meals;
    if (evening.deadlock === undefined) continue;
    hungry++;
    console.log(`${name}, thread ${ident}, leaves after ${evening.meals} meals: ${evening.deadlock}`);
  }
  const end = hungry === 0 ? "nobody went hungry" : `${hungry} left hungry because of a deadlock`;
  console.log(`${mode}: ${eaten} of ${NAMES.length * meals} meals were eaten, ${end}.`);
}

function sameForBoth(lock: RLock): Record<Thing, RLock> {
  return { noodles: lock, fork: lock };
}

if (import.meta.main) await runWithNumbers({ meals: 10 }, runPhilosophers);
