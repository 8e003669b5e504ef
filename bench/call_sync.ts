// What does a blocking call of an instant task cost?
//
// The benchmark checks each result. synckit runs on Node alone.
import { fileURLToPath } from "node:url";
import process from "node:process";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "../mod.ts";
import { duel } from "./support/duel.ts";
import { readFlags, writeResults } from "./support/flags.ts";
import { host, packageVersion } from "./support/host.ts";
import { promiseRatio } from "./support/promises.ts";
import { type Doer, printSheets, rowsOf, type SheetResults } from "./support/sheets.ts";
import { add } from "./support/tasks.ts";

const WORKER = fileURLToPath(new URL("./support/workers/synckit.mjs", import.meta.url));
const TARGET = 0.5;

interface Contender extends Doer {
  readonly call: (a: number, b: number) => number;
}

const flags = readFlags();
const calls = flags.quick ? 20 : 200;
const [threads, processes] = [new ThreadPoolExecutor({ maxWorkers: 1 }), new ProcessPoolExecutor({ maxWorkers: 1 })];
const contenders: Contender[] = [
  { id: "threads", name: "heddle, threads", group: "ours", call: (a, b) => threads.callSync(add, a, b) },
  { id: "processes", name: "heddle, processes", group: "ours", call: (a, b) => processes.callSync(add, a, b) },
];
if (host().runtime === "node") {
  const { createSyncFn } = await import("synckit");
  const call = createSyncFn(WORKER) as (a: number, b: number) => number;
  contenders.push({ id: "synckit", name: "synckit", version: packageVersion("synckit"), group: "peer", call });
}
const burst = ({ call, name }: Contender) => () => {
  const start = performance.now();
  for (let n = 0; n < calls; n++) if (call(n, 1) !== n + 1) throw new Error(`Wrong answer of ${name}`);
  return Promise.resolve(performance.now() - start);
};
const options = { bursts: flags.rounds, budget: flags.quick ? 20 : 200 };
const found = await duel(Object.fromEntries(contenders.map((each) => [each.id, burst(each)])), options);
const times = Object.fromEntries(Object.entries(found).map(([id, time]) => [id, time / calls]));
const results: SheetResults = {
  bench: "call_sync",
  host: host(),
  quick: flags.quick,
  sheets: [{
    id: "call_sync",
    title: "A blocking call",
    hint: "The time of a call that adds two numbers, one call after another.",
    rows: rowsOf(contenders, times),
  }],
  targets: times.synckit === undefined
    ? []
    : [promiseRatio("call_sync", "a blocking call, time", "synckit", times.threads! / times.synckit, TARGET)],
};
printSheets(results);
writeResults(flags, results);
await Promise.all([threads.shutdown(), processes.shutdown()]);
process.exit(0);
