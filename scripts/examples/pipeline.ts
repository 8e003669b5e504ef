// A pipeline: threads read files, other threads count the words, and one thread adds up the counts.
//
//   deno run -A scripts/examples/pipeline.ts [folder...] [--readers 2] [--counters 2]        (or bun, or node)
//
// Bounded queues connect the stages, so a stage that is faster than the next one waits, and a folder may be larger than memory.
// No stage knows how much is to come. When everything is in the first queue, its `join` waits until each item is done, which
// means that its results are in the next queue. The shutdown then ends the loops of the stage that reads the queue. Options
// bound the queues: `--room 16` in items, `--bytes 4000000` in bytes.

import { SharedQueue, Thread } from "@heddle/heddle";
import { type Counts, countTexts, mergeCounts, readFiles } from "./pipeline_tasks.ts";
import { table } from "../runner/table.ts";
import { filesBelow, mostFrequent } from "./support/files_below.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError, inSeconds } from "./support/run_example.ts";

type Numbers = Record<"readers" | "counters" | "room" | "bytes", number>;

async function runPipeline({ readers, counters, room, bytes }: Numbers, folders: string[]): Promise<void> {
  const start = performance.now();
  const paths = new SharedQueue<string>({ maxSize: room });
  // A piece of a file has up to 32 KiB. A queue refuses an item that is larger than its memory.
  const texts = new SharedQueue<string>({ maxSize: room, bytes });
  const counts = new SharedQueue<Counts>({ maxSize: room, bytes });
  const queues = [paths, texts, counts];
  const reading = startAll(readers, (name) => new Thread(readFiles, [paths, texts], { name: `reader ${name}` }));
  const counting = startAll(counters, (name) => new Thread(countTexts, [texts, counts], { name: `counter ${name}` }));
  const merging = new Thread(mergeCounts, [counts], { name: "merger" }).start();
  const threads = [...reading, ...counting, merging];

  // If a stage fails, the others would wait for it for ever: the shutdown ends their waits.
  const stop = (): void => queues.forEach((queue) => queue.shutdown({ immediate: true }));
  let failure: unknown;
  for (const { result } of threads) {
    result.catch((error: unknown) => {
      failure ??= error;
      stop();
    });
  }
  try {
    for await (const path of filesBelow(folders)) await paths.put(path);
    for (const queue of queues) {
      await queue.join();
      queue.shutdown();
    }
  } catch (error) {
    throw failure ?? error;
  } finally {
    stop();
    await Promise.all(threads.map((thread) => thread.join()));
  }
  const time = inSeconds(performance.now() - start);

  const read = await Promise.all(reading.map(({ result }) => result));
  const counted = await Promise.all(counting.map(({ result }) => result));
  const { pieces, total } = await merging.result;
  const files = read.map(({ files }) => files), skipped = sum(read.map(({ skipped }) => skipped));
  console.log(table([
    ["stage", "threads", "done", "by each"],
    ["read", String(readers), `${sum(files)} files`, files.join(" + ")],
    ["count", String(counters), `${sum(counted)} pieces`, counted.join(" + ")],
    ["merge", "1", `${pieces} pieces`, String(pieces)],
  ]));
  if (sum(counted) !== pieces) {
    throw new ExampleError(`Wrong results: ${sum(counted)} pieces were put, ${pieces} were got`);
  }
  const words = sum([...total.values()]);
  console.log(`\n${words} words, ${total.size} different ones, in ${time}; ${skipped} files were skipped.`);
  console.log(`The most frequent: ${mostFrequent(total, 5)}.`);
}

function startAll<R>(count: number, make: (name: number) => Thread<R>): Thread<R>[] {
  return Array.from({ length: count }, (_, i) => make(i + 1).start());
}

function sum(numbers: number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

if (import.meta.main) await runWithNumbers({ readers: 2, counters: 2, room: 16, bytes: 4_000_000 }, runPipeline);
