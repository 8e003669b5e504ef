// At which size does moving bytes to a thread and back beat copying them, and sharing beat both?
//
// The thread writes to each message, and the main thread checks it afterwards.
import process from "node:process";
import { SharedMemory, ThreadPoolExecutor, transfer } from "../mod.ts";
import { duel, type DuelOptions } from "./support/duel.ts";
import { readFlags, writeResults } from "./support/flags.ts";
import { host } from "./support/host.ts";
import { echoCopied, echoMoved, echoShared } from "./support/message_tasks.ts";
import { type Doer, printSheets, rowsOf, type SheetResults } from "./support/sheets.ts";
import { timed } from "./support/stats.ts";

const KIB = 1024, MIB = 1024 * KIB;
const WAYS = ["copied", "moved", "shared"] as const;
type Way = (typeof WAYS)[number];
/** Bytes sent in one sample: a single small message takes too little time to measure. */
const SAMPLE_BYTES = 64 * KIB;
/** The factor from which a difference counts; smaller differences count as equal. */
const CLEARLY = 1.1;

const flags = readFlags();
const sizes = [1, 4, 16, 64, 256, KIB, 4 * KIB, 16 * KIB].map((kib) => kib * KIB);
const options: DuelOptions = flags.quick ? { bursts: 1, budget: 1 } : { bursts: 10, budget: 50 };
const pool = new ThreadPoolExecutor({ maxWorkers: 1 });

const times: Record<string, number> = {};
for (const size of sizes) {
  const echoes = echoesOf(size);
  for (const way of WAYS) for (let lap = 0; lap < 3; lap++) await echoes[way]();
  const found = await duel(echoes, options);
  for (const way of WAYS) times[idOf(size, way)] = found[way];
}
await pool.shutdown();

const doers = sizes.flatMap((size) =>
  WAYS.map((way): Doer => ({ id: idOf(size, way), name: `${sizeOf(size)} ${way}`, group: "ours" }))
);
const results: SheetResults = {
  bench: "message_size",
  host: host(),
  quick: flags.quick,
  sheets: [{
    id: "message_size",
    title: "Bytes to a thread and back",
    hint:
      "One message at a time: a Uint8Array (copied), one with transfer() both ways (moved), a SharedMemory (shared).",
    note: `${sayFrom("Moving", "copying", from("moved", ["copied"]))} ${
      sayFrom("Sharing", "both", from("shared", ["copied", "moved"]))
    }`,
    rows: rowsOf(doers, times),
  }],
  targets: [],
};
printSheets(results);
writeResults(flags, results);
process.exit(0);

/** The ways to send a message of this size; each returns the time per message in milliseconds. */
function echoesOf(size: number): Record<Way, () => Promise<number>> {
  const often = Math.max(1, SAMPLE_BYTES / size);
  const copied = new Uint8Array(size);
  let moved = new Uint8Array(size);
  const shared = new SharedMemory(size);
  const repeat = (way: Way, echo: () => Promise<[before: number, back: Uint8Array]>) => async () => {
    const took = await timed(async () => {
      for (let i = 0; i < often; i++) {
        const [before, back] = await echo();
        if (back.length !== size || back[0] !== ((before + 1) & 255)) throw new Error(`Wrong answer: ${way} ${size}`);
      }
    });
    return took / often;
  };
  return {
    copied: repeat("copied", async () => [copied[0]!, await pool.submit(echoCopied, copied)]),
    moved: repeat("moved", async () => {
      const before = moved[0]!;
      moved = await pool.submit(echoMoved, transfer(moved)) as Uint8Array<ArrayBuffer>;
      return [before, moved];
    }),
    shared: repeat("shared", async () => [shared.bytes[0]!, (await pool.submit(echoShared, shared)).bytes]),
  };
}

/** The smallest size from which on a way is clearly faster than the others. */
function from(way: Way, others: readonly Way[]): number | undefined {
  const loses = (size: number): boolean =>
    others.some((other) => times[idOf(size, other)]! < CLEARLY * times[idOf(size, way)]!);
  return sizes[sizes.findLastIndex(loses) + 1];
}

function sayFrom(winner: string, loser: string, size: number | undefined): string {
  return size === undefined ? `${winner} never beats ${loser}.` : `${winner} beats ${loser} from ${sizeOf(size)} on.`;
}

function idOf(size: number, way: Way): string {
  return `${way} ${size}`;
}

function sizeOf(size: number): string {
  return size < MIB ? `${size / KIB} KiB` : `${size / MIB} MiB`;
}
