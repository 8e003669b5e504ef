// What is the cost of a task on another machine, compared with direct use of the engine?
//
// The server, the hosts and the client share one machine and no network is between them: what is compared is the work of the
// programs. Our host and the engine's own worker run 16 tasks at a time, each in a process of its own. The engine's worker runs
// them in its own loop, and so does our host "without threads"; otherwise our host passes them on to two threads, which keeps its
// loop free, as its users are told to. Answers are checked.
import process from "node:process";
import { startServer } from "../scripts/redis/server.ts";
import { measureCalls, openContenders } from "./support/cluster_loop.ts";
import type { DuelOptions } from "./support/duel.ts";
import { readFlags, writeResults } from "./support/flags.ts";
import { host } from "./support/host.ts";
import { promiseRatio } from "./support/promises.ts";
import { printSheets, type Sheet, type SheetResults } from "./support/sheets.ts";

const flags = readFlags();
const options: DuelOptions = flags.quick ? { bursts: 1, budget: 1 } : { bursts: 2 * flags.rounds, budget: 50 };
const server = await startServer();
if (typeof server === "string") {
  console.error(`Cannot measure clusters: ${server}`);
  process.exit(1);
}

const { oneByOne, atOnce, map, permits, close } = await openContenders({ host: server.host, port: server.port });
const wanted = (id: string) => flags.only.length === 0 || flags.only.some((part) => id.includes(part));
const few = flags.quick ? 20 : 200, many = 1_000, most = flags.quick ? 2_000 : 10_000;
const sheets: Sheet[] = [];
if (wanted("turn")) {
  sheets.push(
    await measureCalls("one_by_one", "A tiny task, one at a time", "The time of one.", oneByOne, few, options),
  );
}
if (wanted("flight")) {
  sheets.push(await measureCalls("in_flight", "1,000 tiny tasks in flight", "The time of one.", atOnce, many, options));
}
if (wanted("map")) {
  const seldom = { ...options, bursts: Math.ceil(options.bursts / 4), budget: 1 };
  sheets.push(await measureCalls("map", "A map of 10,000 tiny tasks", "The time of one item.", map, most, seldom));
}
if (wanted("permit")) {
  const hint = "No other program waits; the time of both.";
  sheets.push(await measureCalls("permit", "Acquire and release a permit", hint, permits, few, options));
}
await close();
await server.stop();

const results: SheetResults = {
  bench: "cluster",
  host: host(),
  quick: flags.quick,
  sheets,
  targets: [
    promiseRatio("cluster_flight", "1,000 tiny tasks in flight, time", "bullmq by hand", ratio("in_flight"), 1),
    promiseRatio("cluster_turn", "a tiny task one at a time, time", "bullmq by hand", ratio("one_by_one"), 1.3),
  ].filter(({ value }) => !Number.isNaN(value)),
};
printSheets(results);
writeResults(flags, results);
process.exit(0);

/** Not a number where it was not measured. */
function ratio(id: string): number {
  const rows = sheets.find((sheet) => sheet.id === id)?.rows ?? [];
  const timeOf = (who: string) => rows.find((row) => row.id === who)?.time ?? NaN;
  return timeOf("heddle") / timeOf("bullmq");
}
