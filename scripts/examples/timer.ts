// Functions called later: once, never, and repeatedly.
//
//   deno run -A scripts/examples/timer.ts [--interval 100] [--times 3]        (or bun, or node)
//
// Unlike in Python, a Timer is no thread: it calls its function in the event loop that started it, so no lock is needed. A
// function that computes for long should submit a task. A started timer keeps the program alive until it has finished.

import { Interval, Timer } from "@heddle/heddle/time";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";

async function runTimers({ interval, times }: { interval: number; times: number }): Promise<void> {
  const start = performance.now();
  const calls: string[] = [];
  const say = (text: string): void => {
    calls.push(text);
    console.log(`${String(Math.round(performance.now() - start)).padStart(5)} ms  ${text}`);
  };

  // Once.
  const greeting = new Timer(interval, say, "hello").start();
  // Never: cancelled in time.
  const never = new Timer(interval, say, "this is never printed").start();
  never.cancel();
  say("the timers are started, and the main code goes on");
  await greeting.join();

  // Repeatedly, as in Python: each call starts the next timer, so delays add up.
  await new Promise<void>((resolve) => {
    const again = (count: number): void => {
      say(`timer ${count} of ${times}`);
      if (count < times) new Timer(interval, again, count + 1).start();
      else resolve();
    };
    new Timer(interval, again, 1).start();
  });

  // An Interval repeats without drift.
  let count = 0;
  const ticking = new Interval(interval, () => {
    say(`tick ${++count} of ${times}`);
    if (count === times) ticking.cancel();
  }).start();
  await ticking.join();

  // An error thrown by the function rejects `join()`.
  const failing = new Timer(interval, () => {
    throw new RangeError("no number is larger than itself");
  }).start();
  await failing.join().catch((error: Error) => say(`the last timer failed: ${error.message}`));

  if (calls.length !== 3 + 2 * times || !never.finished) {
    throw new ExampleError("Wrong results: the timers did not make all their calls");
  }
}

if (import.meta.main) await runWithNumbers({ interval: 100, times: 3 }, runTimers);
