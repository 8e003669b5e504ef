// A hundred threads decrement one counter: without a lock, which gives a wrong result; with a lock; and with join instead of
// a lock.
//
//   deno run -A scripts/examples/shared_counter.ts [--threads 100] [--steps 100] [--thought 10000] [--joined 10]
//                                                                                               (or bun, or node)
//
// The counter is in memory that all threads share. Reading it, computing and writing it back are separate steps: if two threads
// read the same number, one of their decrements is lost. With a lock, other threads see the three as one step. With join, each
// thread ends before the next one starts: that is correct too, but runs one thread at a time.
//
// The hundred threads meet at a barrier before they count; otherwise most would finish before the next one starts. The same
// threads count without and with the lock, because their start takes longest: with all of them alive at once, a few seconds on
// Bun and Deno, and twice that on Node. With join, ten threads make the same number of steps.

import { Barrier, inline, Lock, type Task, Thread } from "@heddle/heddle";
import { table } from "../runner/table.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError, inSeconds } from "./support/run_example.ts";

/** One way to count. All threads share its objects and its memory. */
interface Round {
  counter: Int32Array;
  lock?: Lock;
  /** Where all threads meet, and the main thread, which measures the time. */
  start?: Barrier;
  end?: Barrier;
}

type Numbers = Record<"threads" | "steps" | "thought" | "joined", number>;

/** Counts down in each round. The task is sent as source, so no worker loads this module. */
const countDown: Task<[rounds: Round[], steps: number, thought: number], void> = inline(
  (rounds: Round[], steps: number, thought: number): void => {
    for (const { counter, lock, start, end } of rounds) {
      start?.waitSync();
      for (let step = 0; step < steps; step++) {
        const permit = lock?.acquireSync();
        const value = counter[0]!;
        for (let i = 0; i < thought; i++);
        counter[0] = value - 1;
        permit?.release();
      }
      end?.waitSync();
    }
  },
);

async function runCounting({ threads, steps, thought, joined }: Numbers): Promise<void> {
  const total = threads * steps;
  const [unlocked, locked] = await countTogether(threads, steps, thought);
  const one = await countInTurn(Math.min(joined, threads), total, thought);
  console.log(table([
    [`${threads} threads count down from ${total}`, "counter", "time"],
    ["without a lock", String(unlocked.counter), inSeconds(unlocked.time)],
    ["with a lock", String(locked.counter), inSeconds(locked.time)],
    [`with join, ${Math.min(joined, threads)} in turn`, String(one.counter), inSeconds(one.time)],
  ]));
  if (locked.counter !== 0) throw new ExampleError(`The lock failed: the counter is ${locked.counter}`);
  if (one.counter !== 0) throw new ExampleError(`Join failed: the counter is ${one.counter}`);
  console.log(`\nWithout the lock, ${unlocked.counter} of ${total} steps were lost; with the lock or with join, none.`);
}

interface Counted {
  counter: number;
  time: number;
}

/** Runs all threads at the same time, first without the lock, then with it. The times exclude the start of the threads. */
async function countTogether(size: number, steps: number, thought: number): Promise<[Counted, Counted]> {
  const meetings = (): Required<Pick<Round, "start" | "end">> => ({
    start: new Barrier(size + 1),
    end: new Barrier(size + 1),
  });
  const unlocked = { counter: newCounter(size * steps), ...meetings() };
  const locked = { counter: newCounter(size * steps), lock: new Lock(), ...meetings() };
  const rounds = [unlocked, locked];
  const threads = Array.from({ length: size }, () => new Thread(countDown, [rounds, steps, thought]).start());
  const done = Promise.all(threads.map(({ result }) => result));
  // If a thread fails, the others must not wait for it.
  done.catch(() => rounds.forEach(({ start, end }) => [start, end].forEach((meeting) => meeting.abort())));
  const count = async ({ counter, start, end }: typeof unlocked): Promise<Counted> => {
    await start.wait();
    const begin = performance.now();
    await end.wait();
    return { counter: counter[0]!, time: performance.now() - begin };
  };
  const counted: [Counted, Counted] = [await count(unlocked), await count(locked)];
  await done;
  return counted;
}

/** Joins each thread before it starts the next, without a lock. The time includes the start of the threads. */
async function countInTurn(size: number, total: number, thought: number): Promise<Counted> {
  const counter = newCounter(total);
  const begin = performance.now();
  for (let i = 0; i < size; i++) {
    const steps = Math.floor(total * (i + 1) / size) - Math.floor(total * i / size);
    const thread = new Thread(countDown, [[{ counter }], steps, thought]).start();
    await thread.join();
    thread.result.resultNow();
  }
  return { counter: counter[0]!, time: performance.now() - begin };
}

function newCounter(total: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)).fill(total);
}

if (import.meta.main) await runWithNumbers({ threads: 100, steps: 100, thought: 10_000, joined: 10 }, runCounting);
