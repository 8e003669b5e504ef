// What does it cost to start and join a hundred threads or a hundred processes, compared with bare ones, on this runtime?
//
// Each adds two numbers, and the sum is checked. All start at once, as far as memory allows.
import { freemem } from "node:os";
import process from "node:process";
import { pythonDoers, type PythonStarts, pythonStarts } from "./support/cpython_sync.ts";
import { readFlags, writeResults } from "./support/flags.ts";
import { host } from "./support/host.ts";
import { count } from "./support/print.ts";
import { promiseRatio } from "./support/promises.ts";
import { printSheets, rowsOf, type Sheet, type SheetResults } from "./support/sheets.ts";
import { PROCESSES, type StartPeer, THREADS } from "./support/start_peers.ts";
import { median, timed } from "./support/stats.ts";

/** Memory of one thread or process in bytes, estimated high. */
const THREAD_BYTES = 40e6;
const PROCESS_BYTES = 120e6;

interface Found {
  readonly sheet: Sheet;
  /** Our time divided by the bare one's, round by round; the median counts. */
  readonly ratio: number;
}

const flags = readFlags();
const [threadCount, processCount] = flags.quick ? [10, 5] : [100, 100];
const python = await pythonStarts(threadCount, processCount);
const threads = await measure("threads", THREADS, threadCount, THREAD_BYTES, flags.rounds);
// Half the rounds: processes take several times as long.
const processes = await measure("processes", PROCESSES, processCount, PROCESS_BYTES, Math.ceil(flags.rounds / 2));

const results: SheetResults = {
  bench: "start",
  host: host(),
  quick: flags.quick,
  sheets: [threads.sheet, processes.sheet],
  targets: [
    promiseRatio("threads", "100 threads started and joined, time", "raw threads", threads.ratio, 1.2),
  ],
};
printSheets(results);
writeResults(flags, results);
process.exit(0);

async function measure(
  what: keyof PythonStarts,
  peers: readonly StartPeer[],
  howMany: number,
  bytes: number,
  rounds: number,
): Promise<Found> {
  const wave = Math.max(1, Math.min(howMany, Math.floor(freemem() * 0.7 / bytes)));
  const times = peers.map((): number[] => []);
  for (const peer of peers) await startWave(peer, 0, Math.min(2, wave));
  for (let round = 0; round < rounds; round++) {
    const order = [...peers.entries()];
    for (const [i, peer] of round % 2 === 0 ? order : order.toReversed()) {
      times[i]!.push(await timed(() => startAll(peer, howMany, wave)));
    }
  }
  const found = Object.fromEntries(peers.map(({ id }, i) => [id, median(times[i]!)]));
  const [ours, raw] = times as [number[], number[]];
  const sheet = {
    id: what,
    title: `${count(howMany)} ${what} started and joined`,
    hint: "Each adds two numbers; the total time.",
    ...wave === howMany ? {} : { note: `Limited by memory to ${count(wave)} at a time.` },
    rows: rowsOf([...peers, ...await pythonDoers(["CPython"])], { ...found, CPython: python?.[what] }),
  };
  return { sheet, ratio: median(ours.map((time, i) => time / raw[i]!)) };
}

async function startAll(peer: StartPeer, howMany: number, wave: number): Promise<void> {
  for (let from = 0; from < howMany; from += wave) await startWave(peer, from, Math.min(wave, howMany - from));
}

async function startWave({ name, startAndJoin }: StartPeer, from: number, howMany: number): Promise<void> {
  const answers = await Promise.all(Array.from({ length: howMany }, (_, i) => startAndJoin(from + i)));
  const wrong = answers.findIndex((answer, i) => answer !== from + i + 1);
  if (wrong !== -1) throw new Error(`Wrong answer of ${name}: ${from + wrong} + 1 is ${answers[wrong]}`);
}
