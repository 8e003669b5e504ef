// A hundred threads count down together, first without a lock, which goes wrong, then with one.
//
//   deno run -A scripts/examples/shared_counter.ts [--threads 100] [--steps 100] [--thought 10000]     (or bun, or node)
//
// The counter lies in memory that all threads share. To read it, to think and to write it is not one step: two threads
// that have read the same number count once together. The threads meet before they count, as most would have done all
// their counting before the next one is born. The same hundred count twice, as to start them is what takes long: with all
// of them alive at once, some seconds on Bun and Deno, and twice that on Node.

import { Barrier, inline, Lock, type Task, Thread } from "@heddle/heddle";
import { table } from "../runner/table.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError, inSeconds } from "./support/run_example.ts";

/** One way to count; the objects and the memory are the same on all threads. */
interface Round {
  name: string;
  counter: Int32Array;
  lock?: Lock;
  /** All threads are there, and the main one, which looks at the clock. */
  start: Barrier;
  end: Barrier;
}

type Numbers = Record<"threads" | "steps" | "thought", number>;

/** Counts down in each of the rounds. Sent as source: nobody has to load this module. */
const countDown: Task<[rounds: Round[], steps: number, thought: number], void> = inline(
  (rounds: Round[], steps: number, thought: number): void => {
    for (const { counter, lock, start, end } of rounds) {
      start.waitSync();
      for (let step = 0; step < steps; step++) {
        const permit = lock?.acquireSync();
        const value = counter[0]!;
        for (let i = 0; i < thought; i++);
        counter[0] = value - 1;
        permit?.release();
      }
      end.waitSync();
    }
  },
);

async function runCounting({ threads: size, steps, thought }: Numbers): Promise<void> {
  const total = size * steps;
  const rounds = [newRound("without a lock", size, total), {
    ...newRound("with a lock", size, total),
    lock: new Lock(),
  }];
  const threads = Array.from({ length: size }, () => new Thread(countDown, [rounds, steps, thought]).start());
  const counted = Promise.all(threads.map(({ result }) => result));
  // Nobody waits for a thread that never came.
  counted.catch(() => rounds.forEach(({ start, end }) => [start, end].forEach((meeting) => meeting.abort())));

  const rows = [[`${size} threads count down from ${total}`, "counter", "time"]];
  for (const { name, counter, start, end } of rounds) {
    await start.wait();
    const begin = performance.now();
    await end.wait();
    rows.push([name, String(counter[0]), inSeconds(performance.now() - begin)]);
  }
  await counted;
  console.log(table(rows));
  const [wrong, right] = rounds.map(({ counter }) => counter[0]);
  if (right !== 0) throw new ExampleError(`Cannot trust the lock: the counter is ${right}`);
  console.log(`\nWithout the lock ${wrong} of ${total} steps were lost, with it none.`);
}

function newRound(name: string, size: number, total: number): Round {
  const counter = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)).fill(total);
  return { name, counter, start: new Barrier(size + 1), end: new Barrier(size + 1) };
}

if (import.meta.main) await runWithNumbers({ threads: 100, steps: 100, thought: 10_000 }, runCounting);
