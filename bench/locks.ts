// What does a lock cost on this runtime: without waiters, with thousands of waiters, and between two threads?
//
// Each question has a table of its own. Answers are checked before anything is timed.
import process from "node:process";
import { Lock, ThreadPoolExecutor } from "../mod.ts";
import { pythonLocks } from "./support/cpython_sync.ts";
import type { DuelOptions } from "./support/duel.ts";
import { readFlags, writeResults } from "./support/flags.ts";
import { host } from "./support/host.ts";
import { lockingKeys } from "./support/keyed_loop.ts";
import { crowding, leaving, passing, passingSync } from "./support/lock_loop.ts";
import { checkGate, LOCK_PEERS } from "./support/lock_peers.ts";
import { visitOnce } from "./support/lock_tasks.ts";
import { contending } from "./support/lock_threads.ts";
import { promiseRatio, promiseTime } from "./support/promises.ts";
import { printSheets, type Sheet, type SheetResults } from "./support/sheets.ts";

const WAITERS = 10_000;
const PERMITS = 5;

const flags = readFlags();
const peers = LOCK_PEERS.filter(({ id }) => flags.only.length === 0 || flags.only.some((part) => id.includes(part)));
const often: DuelOptions = flags.quick ? { bursts: 2, budget: 10 } : { bursts: 12, budget: 60 };
const seldom: DuelOptions = flags.quick ? { bursts: 1, budget: 1 } : { bursts: 8, budget: 200 };

for (const { name, open, openOne } of peers) {
  if (openOne !== undefined) await checkGate(openOne(), 1, name);
  if (open !== undefined) await checkGate(open(PERMITS), PERMITS, name);
}
const python = await pythonLocks(flags.quick ? 5_000 : 100_000, WAITERS, PERMITS);
const [plain, shared] = [new Lock(), new Lock()];
const pool = new ThreadPoolExecutor({ maxWorkers: 2 });
if (await pool.submit(visitOnce, shared)) throw new Error("Wrong answer: a lock is not free after its release");

// The pool stays open during all measurements, because another thread must know the shared lock.
const inLoop = await passing(peers, shared, python, often);
const blocking = await passingSync(plain, shared, python, often);
const crowded = await crowding(peers, WAITERS, PERMITS, python, seldom);
const keyed = await lockingKeys(flags.quick ? 100 : 1_000, false, often);
const keyedCrowd = await lockingKeys(WAITERS, true, seldom);
const left = await leaving(flags.quick ? [1_000, 10_000] : [1_000, 100_000], seldom);
const contended = await contending(
  pool,
  flags.quick ? { sync: 20_000, async: 5_000 } : { sync: 500_000, async: 100_000 },
  seldom,
);
await pool.shutdown();

const results: SheetResults = {
  bench: "locks",
  host: host(),
  quick: flags.quick,
  sheets: [inLoop, blocking, crowded, keyed, keyedCrowd, left, ...contended],
  targets: [
    promiseRatio("passing", "await acquire() and release, time", "async-sema", ratio(inLoop, "async-sema"), 1.2),
    promiseRatio("crowd", "10,000 waiters on 5 permits, time", "p-limit", ratio(crowded, "p-limit"), 1),
    promiseRatio("keyed_lock", "a call that holds a keyed lock, time", "async-lock", ratio(keyed, "async-lock"), 1),
    promiseTime("passing_sync", "acquireSync() and release, shared by threads", timeOf(blocking, "shared"), 300),
  ].filter(({ value }) => !Number.isNaN(value)),
};
printSheets(results);
writeResults(flags, results);
process.exit(0);

/** NaN if one of the two was not measured. */
function ratio(sheet: Sheet, peer: string): number {
  return timeOf(sheet, "heddle") / timeOf(sheet, peer);
}

function timeOf(sheet: Sheet, id: string): number {
  return sheet.rows.find((row) => row.id === id)?.time ?? NaN;
}
