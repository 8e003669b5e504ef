// What is the cost of limiting calls and connections, and how precise is a rate?
//
// Measures empty calls without waiters and with thousands of waiters, requests to a server, and requests from clients.
// Results are checked before anything is timed.
import process from "node:process";
import type { DuelOptions } from "./support/duel.ts";
import { readFlags, writeResults } from "./support/flags.ts";
import { host } from "./support/host.ts";
import { callingAtRate, callingThroughBreaker } from "./support/keyed_loop.ts";
import { checkGate } from "./support/lock_peers.ts";
import { promiseRatio } from "./support/promises.ts";
import { printSheets, type Sheet, type SheetResults } from "./support/sheets.ts";
import { calling, keepingRate, waiting } from "./support/throttle_loop.ts";
import { CALL_PEERS, CROWD_PEERS } from "./support/throttle_peers.ts";
import { fetching, handling } from "./support/throttle_server.ts";

const flags = readFlags();
const wanted = ({ id }: { id: string }) => flags.only.length === 0 || flags.only.some((part) => id.includes(part));
const callers = CALL_PEERS.filter(wanted), crowds = CROWD_PEERS.filter(wanted);
const often: DuelOptions = flags.quick ? { bursts: 2, budget: 10 } : { bursts: 12, budget: 60 };
const seldom: DuelOptions = flags.quick ? { bursts: 1, budget: 1 } : { bursts: 8, budget: 200 };

// With ten keys, calls do not run in order. bottleneck starts each call by a timer, so brief calls never reach five at
// once.
for (const { id, name, open } of callers) {
  if (id !== "heddle keys" && id !== "bottleneck" && open !== undefined) await checkGate(open(5), 5, name);
}
const called = await calling(callers, flags.quick ? 100 : 1_000, often);
const rated = await callingAtRate(flags.quick ? 20 : 100, often);
const guarded = await callingThroughBreaker(flags.quick ? 100 : 1_000, often);
const crowded = await waiting(crowds, 10_000, seldom);
const packed = await waiting(crowds, 100_000, flags.quick ? seldom : { bursts: 4, budget: 200 });
const rate = await keepingRate(flags.quick ? 100 : 400);
const fetched = await fetching(flags.quick ? 200 : 1_000, seldom);
const handled = await handling(flags.quick ? 1 : 5, flags.quick ? 1 : 3);

const results: SheetResults = {
  bench: "throttle",
  host: host(),
  quick: flags.quick,
  sheets: [called, rated, guarded, crowded, packed, rate, fetched, handled],
  targets: [
    promiseRatio("throttle_crowd", "10,000 calls wait for 5 permits, time", "p-limit", ratio(crowded, "p-limit"), 1),
    promiseRatio(
      "throttle_key_rate",
      "a call with a key and a rate, time",
      "p-throttle",
      ratio(rated, "p-throttle"),
      1,
    ),
    promiseRatio("throttle_breaker", "a call through a breaker, time", "cockatiel", ratio(guarded, "cockatiel"), 1),
    promiseRatio("throttle_fetch", "fetch, 10 at a time, time", "p-limit", ratio(fetched, "p-limit"), 1.05),
    promiseRatio("throttle_handler", "a request to handler, time", "bare server", ratio(handled, "bare"), 1.05),
    promiseRatio(
      "throttle_node_handler",
      "a request to nodeHandler, time",
      "bare server",
      ratio(handled, "bare node", "heddle node"),
      1.05,
    ),
  ].filter(({ value }) => !Number.isNaN(value)),
};
printSheets(results);
writeResults(flags, results);
process.exit(0);

/** The ratio of two times; NaN if one of them was not measured. */
function ratio(sheet: Sheet, peer: string, own = "heddle"): number {
  return timeOf(sheet, own) / timeOf(sheet, peer);
}

function timeOf(sheet: Sheet, id: string): number {
  return sheet.rows.find((row) => row.id === id)?.time ?? NaN;
}
