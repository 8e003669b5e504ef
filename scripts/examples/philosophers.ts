// Four philosophers share one bowl of noodles and one fork; a philosopher needs both to eat.
//
//   deno run -A scripts/examples/philosophers.ts [deadlock | rlock | lock | order] [--meals 10]        (or bun, or node)
//
// deadlock: two locks. Two philosophers take the noodles first and two take the fork first, so each can hold what another one
//           needs. The library detects the cycle: the acquire that would close it fails, and that philosopher leaves.
// rlock:    one reentrant lock under two names. Its holder can take it again, so the order makes no difference.
// lock:     two locks, and a third that a philosopher holds while taking the two, so no other philosopher holds one of them.
// order:    two locks, and all philosophers take the noodles first.
//
// Without a mode all four run, one after another.

import { deadline } from "@std/async";
import { Barrier, Lock, RLock, setDeadlockDetection, Thread } from "@heddle/heddle";
import { dine, type Seat } from "./philosopher_tasks.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";

type Mode = "deadlock" | "rlock" | "lock" | "order";

const MODES: readonly Mode[] = ["deadlock", "rlock", "lock", "order"];
const NAMES = ["Thales", "Hypatia", "Diotima", "Kant"];
/** The time for which the main thread waits for all philosophers, in milliseconds. */
const LIMIT = 30_000;

async function runPhilosophers({ meals }: { meals: number }, words: string[]): Promise<void> {
  const unknown = words.find((word) => !MODES.includes(word as Mode));
  if (unknown !== undefined) throw new ExampleError(`Cannot dine in mode '${unknown}': use ${MODES.join(", ")}`);
  // Applies from here on, also to threads that start later.
  setDeadlockDetection(true);
  for (const mode of words.length > 0 ? words as Mode[] : MODES) await runEvening(mode, meals);
}

async function runEvening(mode: Mode, meals: number): Promise<void> {
  const threads = seatsOf(mode).map((seat, i) =>
    // Daemons: the program ends even if they wait for each other for ever.
    new Thread(dine, [seat, meals], { name: NAMES[i]!, daemon: true }).start()
  );
  await deadline(Promise.all(threads.map((thread) => thread.join())), LIMIT);

  let eaten = 0, hungry = 0;
  for (const { name, ident, result } of threads) {
    const evening = result.resultNow();
    eaten += evening.meals;
    if (evening.deadlock === undefined) continue;
    hungry++;
    console.log(`${name}, thread ${ident}, leaves after ${evening.meals} meals: ${evening.deadlock}`);
  }
  const end = hungry === 0 ? "none left hungry" : `${hungry} left hungry because of a deadlock`;
  console.log(`${mode}: ${eaten} of ${NAMES.length * meals} meals were eaten, ${end}.`);
}

function seatsOf(mode: Mode): Seat[] {
  const start = new Barrier(NAMES.length);
  const noodles = mode === "rlock" ? new RLock() : new Lock();
  const fork = mode === "rlock" ? noodles : new Lock();
  const both = mode === "lock" ? new Lock() : undefined;
  return NAMES.map((_, i) => {
    const [first, second] = mode === "order" || i % 2 === 0 ? [noodles, fork] : [fork, noodles];
    return { first, second, both, start };
  });
}

if (import.meta.main) await runWithNumbers({ meals: 10 }, runPhilosophers);
