// The process in which one pool is measured alone. It gets its commands (open, measure, close) line by line and announces each
// phase, so that the parent knows what the pool was doing when it hung.
import { writeSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import * as measure from "./measure.ts";
import { MARK, type Message } from "./peer_process.ts";
import { findEntry, rawOf } from "./peers.ts";
import type { Pool } from "./peers/peer.ts";

const entry = findEntry(process.argv[2]!);
const plan = JSON.parse(process.argv[3]!) as measure.Plan;
let pool: Pool;
let raw: Pool | undefined;
let rawOne: Pool | undefined;

const actions: Record<string, () => Promise<unknown>> = {
  async open() {
    phase("loading");
    const peer = await entry.load();
    phase("opening");
    pool = await peer.open(plan.workers);
    phase("checking answers");
    await measure.checkAnswers(pool, plan);
    phase("warming up");
    await measure.warmUp(pool, plan);
  },
  throughput() {
    phase("many in flight");
    return measure.measureThroughput(pool, plan);
  },
  latency() {
    phase("one at a time");
    return measure.measureLatency(pool, plan);
  },
  async echo() {
    raw ??= await (await rawOf(entry.kind)).open(plan.workers);
    phase("echoing 1 MiB");
    return measure.measureEcho(pool, raw, plan);
  },
  async speedup() {
    rawOne ??= await (await rawOf(entry.kind)).open(1);
    phase("computing");
    return measure.measureSpeedup(pool, raw!, rawOne, plan);
  },
  async close() {
    phase("closing");
    await pool.close();
    return "closed";
  },
};

for await (const question of createInterface({ input: process.stdin })) {
  try {
    tell({ answer: await actions[question]!() ?? null });
  } catch (error) {
    tell({ failure: error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error) });
  }
}
process.exit(0);

function phase(name: string): void {
  tell({ phase: name });
}

function tell(message: Message): void {
  writeSync(1, `\n${MARK}${JSON.stringify(message)}\n`);
}
