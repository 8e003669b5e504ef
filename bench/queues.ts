// What does a queue cost: put and get in one loop, a hand-over between two threads, and order by priority?
//
// Each question has a table of its own. Answers are checked before anything is timed, and again in every sample.
import process from "node:process";
import { ThreadPoolExecutor } from "../mod.ts";
import { pythonQueues } from "./support/cpython_queues.ts";
import type { DuelOptions } from "./support/duel.ts";
import { readFlags, writeResults } from "./support/flags.ts";
import { host } from "./support/host.ts";
import { promiseRatio, promiseTime } from "./support/promises.ts";
import { handingOver } from "./support/queue_hand_over.ts";
import { inLoop, inOrder } from "./support/queue_loop.ts";
import { printSheets, type Sheet, type SheetResults } from "./support/sheets.ts";

const SIZES = [1_000, 10_000, 100_000];

const flags = readFlags();
const often: DuelOptions = flags.quick ? { bursts: 2, budget: 10 } : { bursts: 12, budget: 60 };
const seldom: DuelOptions = flags.quick ? { bursts: 1, budget: 1 } : { bursts: 8, budget: 200 };

const python = await pythonQueues(flags.quick ? 5_000 : 100_000, SIZES);
const loop = await inLoop(python, often);
const pool = new ThreadPoolExecutor({ maxWorkers: 2 });
const between = await handingOver(pool, flags.quick ? 20_000 : 500_000, seldom);
await pool.shutdown();
const sorted = await inOrder(SIZES, python, seldom);

const results: SheetResults = {
  bench: "queues",
  host: host(),
  quick: flags.quick,
  sheets: [loop, between, sorted],
  targets: [
    promiseRatio("loop", "put() and get(), time", "queue.Queue", ratio(loop, "heddle await", "queue.Queue"), 0.125),
    promiseTime("between", "putSync() to getSync(), one number", timeOf(between, "heddle sync"), 1_000),
    promiseRatio("between_post", "SharedQueue, time", "postMessage", ratio(between, "heddle sync", "post"), 0.2),
    promiseRatio(
      "priority",
      "PriorityQueue of 100,000, time of one item",
      "one of 10,000",
      ratio(sorted, "PriorityQueue 100000", "PriorityQueue 10000"),
      1.5,
    ),
    promiseRatio(
      "priority_shared",
      "SharedPriorityQueue of 100,000, time of one item",
      "one of 10,000",
      ratio(sorted, "SharedPriorityQueue 100000", "SharedPriorityQueue 10000"),
      1.5,
    ),
  ].filter(({ value }) => !Number.isNaN(value)),
};
printSheets(results);
writeResults(flags, results);
process.exit(0);

/** NaN if one of the two was not measured. */
function ratio(sheet: Sheet, ours: string, peer: string): number {
  return timeOf(sheet, ours) / timeOf(sheet, peer);
}

function timeOf(sheet: Sheet, id: string): number {
  return sheet.rows.find((row) => row.id === id)?.time ?? NaN;
}
