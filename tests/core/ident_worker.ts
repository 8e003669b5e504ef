// Runs a thread that draws numbers from a shared thread table as fast as possible.

import { parentPort, workerData } from "node:worker_threads";
import { currentIdent, joinThreads, markDead, newIdent, type ThreadTable } from "../../src/core/thread_table.ts";

const { table, ident, draws } = workerData as { table: ThreadTable; ident: number; draws: number };
joinThreads(table, ident);
parentPort!.postMessage({ own: currentIdent(), drawn: Array.from({ length: draws }, newIdent) });
markDead(ident);
