// 23 threads share a semaphore with 5 permits; each thread gets the semaphore as an argument.
//
//   deno run -A scripts/examples/semaphore_23_threads.ts [--threads 23] [--room 5] [--stay 50]     (or bun, or node)
//
// Each thread has its own path to the terminal, so lines of two threads may appear in either order. Here the order matters: the
// threads put their lines into one queue, and the main thread prints them.

import { Barrier, Semaphore, SharedQueue, SharedValue, Thread } from "@heddle/heddle";
import { type Place, visit } from "./guest_tasks.ts";
import { ExampleError } from "./support/run_example.ts";
import { runWithNumbers } from "./support/numbers.ts";

async function runVisits({ threads, room, stay }: { threads: number; room: number; stay: number }): Promise<void> {
  const place: Place = {
    start: new Barrier(threads),
    room: new Semaphore(room),
    inside: new SharedValue("int32", 0),
    lines: new SharedQueue(),
  };
  const visitors = Array.from({ length: threads }, (_, i) => {
    const name = `Guest ${i + 1}`;
    return new Thread(visit, [name, place, stay], { name }).start();
  });
  const counts = Promise.all(visitors.map(({ result }) => result));
  const end = (): void => place.lines.shutdown();
  counts.then(end, end);
  for await (const line of place.lines) console.log(line);
  const most = Math.max(...await counts);
  if (most > room) throw new ExampleError(`The semaphore failed: ${most} threads were inside (room is ${room})`);
  console.log(`All ${threads} threads were inside, at most ${most} at once; there is room for ${room}.`);
}

if (import.meta.main) await runWithNumbers({ threads: 23, room: 5, stay: 50 }, runVisits);
