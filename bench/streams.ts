// How fast do values stream from a worker, compared with one message per value, and does memory stay constant?
//
// The benchmark checks the sum of the numbers, and samples the memory of the program while values arrive.
import { fork } from "node:child_process";
import process from "node:process";
import { Worker } from "node:worker_threads";
import { type Executor, ProcessPoolExecutor, type Task, ThreadPoolExecutor } from "../mod.ts";
import { readFlags, writeResults } from "./support/flags.ts";
import { host } from "./support/host.ts";
import { count } from "./support/print.ts";
import { promiseRatio } from "./support/promises.ts";
import { type Doer, printSheets, rowsOf, type Sheet, type SheetResults } from "./support/sheets.ts";
import { median } from "./support/stats.ts";
import { numbers, numbersLater } from "./support/stream_tasks.ts";

const THREAD = new URL("./support/workers/numbers_thread.mjs", import.meta.url);
const PROCESS = new URL("./support/workers/numbers_process.mjs", import.meta.url);
/** The number of values between two measurements of memory. */
const SAMPLE = 50_000;

interface Group extends Doer {
  run(howMany: number): Promise<number>;
}

let peak = 0;
const flags = readFlags();
const howMany = flags.quick ? 20_000 : 1_000_000;
const [threads, processes] = [new ThreadPoolExecutor({ maxWorkers: 1 }), new ProcessPoolExecutor({ maxWorkers: 1 })];
const found = [
  await measure("threads", "thread", threads, { id: "raw", name: "one postMessage each", group: "raw", run: posted }),
  await measure("processes", "process", processes, { id: "raw", name: "one child.send each", group: "raw", run: sent }),
];
await Promise.all([threads.shutdown(), processes.shutdown()]);

const results: SheetResults = {
  bench: "streams",
  host: host(),
  quick: flags.quick,
  sheets: found.map(({ sheet }) => sheet),
  targets: found.map(({ sheet, ratio }) =>
    promiseRatio(sheet.id, `${sheet.title}, time`, "one message each", ratio, 0.1)
  ),
};
printSheets(results);
writeResults(flags, results);
process.exit(0);

async function measure(
  id: string,
  from: string,
  pool: Executor,
  raw: Group,
): Promise<{ sheet: Sheet; ratio: number }> {
  const stream = (task: Task<[number], Generator<number> | AsyncGenerator<number>>, bufferSize?: number) => {
    const view = bufferSize === undefined ? pool : pool.with({ bufferSize });
    return (limit: number) => summed(view.stream(task as typeof numbers, limit), limit);
  };
  const groups: Group[] = [
    { id: "ours", name: "heddle stream, bufferSize 4096", group: "ours", run: stream(numbers, 4096) },
    { id: "async", name: "the same of an async function*", group: "ours", run: stream(numbersLater, 4096) },
    { id: "small", name: "the same, bufferSize 16", group: "ours", run: stream(numbers) },
    raw,
  ];
  const times: Record<string, number[]> = {};
  for (const { run } of groups) await run(Math.min(howMany, SAMPLE));
  let grown = 0;
  for (let round = 0; round < Math.min(flags.rounds, 5); round++) {
    for (const group of groups) {
      const before = process.memoryUsage().rss;
      peak = before;
      const start = performance.now();
      const sum = await group.run(howMany);
      (times[group.id] ??= []).push(performance.now() - start);
      if (sum !== howMany * (howMany - 1) / 2) throw new Error(`Wrong sum of ${group.name}: ${sum}`);
      if (group.id === "ours") grown = Math.max(grown, peak - before);
    }
  }
  const found = Object.fromEntries(Object.entries(times).map(([name, each]) => [name, median(each)]));
  const sheet: Sheet = {
    id,
    title: `${count(howMany)} numbers from a ${from}`,
    hint: "The time from the call to the last value.",
    note: `Memory grew by ${(grown / 1e6).toFixed(1)} MB at most with bufferSize 4096.`,
    rows: rowsOf(groups, found),
  };
  return { sheet, ratio: median(times.ours!.map((time, i) => time / times.raw![i]!)) };
}

async function summed(values: AsyncIterable<number>, limit: number): Promise<number> {
  let [sum, taken] = [0, 0];
  for await (const value of values) {
    sum += value;
    if (++taken % SAMPLE === 0 || taken === limit) peak = Math.max(peak, process.memoryUsage().rss);
  }
  return sum;
}

function posted(limit: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(THREAD, { workerData: limit });
    let [sum, taken] = [0, 0];
    worker.on("error", reject);
    worker.on("message", (value: number) => {
      sum += value;
      if (++taken === limit) resolve(sum);
    });
  });
}

function sent(limit: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = fork(PROCESS, [String(limit)]);
    let [sum, taken] = [0, 0];
    child.on("error", reject);
    child.on("message", (value: number) => {
      sum += value;
      if (++taken !== limit) return;
      child.kill();
      resolve(sum);
    });
  });
}
