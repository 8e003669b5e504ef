// How do our pools compare with common pools on the same work, on this runtime?
//
// Every pool runs in a process of its own, the pools take turns round after round, and answers are checked before anything is
// timed. A pool that hangs is killed and named.
import process from "node:process";
import { primeWorth } from "./support/calibrate.ts";
import { measurePython, type PythonFigures, pythonVersion } from "./support/cpython.ts";
import { readFlags, writeResults } from "./support/flags.ts";
import { host } from "./support/host.ts";
import type { Plan } from "./support/measure.ts";
import { mediansOf, type PeersResults, type PythonResult, toResult } from "./support/peers_results.ts";
import { printPeers } from "./support/print_peers.ts";
import { ENTRIES } from "./support/peers.ts";
import { type PeerRecord, runRounds } from "./support/rounds.ts";
import { judge } from "./support/targets.ts";

const flags = readFlags();
const here = host();
const plan: Plan = {
  workers: 2,
  inFlight: flags.quick ? 2_000 : 10_000,
  echoBytes: 1 << 20,
  primes: flags.quick ? 4 : 8,
  prime: primeWorth(flags.quick ? 5 : 20),
  budget: flags.quick ? 30 : 200,
};
// A quick run checks that the bench works: ours, the baselines, and the one peer that runs in all modes on all runtimes.
const wanted = flags.only.length > 0 ? flags.only : flags.quick ? ["heddle", "raw", "jest-worker"] : [""];
const entries = ENTRIES.filter((entry) => wanted.some((part) => entry.id.includes(part)));
const pythonRounds: PythonFigures[] = [];
const version = await pythonVersion();
const records: PeerRecord[] = [];
for (const kind of ["thread", "process"] as const) {
  records.push(
    ...await runRounds(entries.filter((entry) => entry.kind === kind), {
      plan,
      rounds: flags.rounds,
      silence: flags.quick ? 5_000 : 10_000,
      say: (line) => console.error(line),
      eachRound: kind === "thread" ? undefined : measurePythonToo,
    }),
  );
}
const peers = records.map(toResult);
const python: PythonResult | undefined = version === undefined || pythonRounds.length === 0
  ? undefined
  : { version, figures: mediansOf(pythonRounds), rounds: pythonRounds };
const targets = judge(peers, python);
const results: PeersResults = {
  bench: "peers",
  host: here,
  quick: flags.quick,
  plan,
  peers,
  python,
  targets,
};

printPeers(results);
writeResults(flags, results);
process.exit(0);

async function measurePythonToo(): Promise<void> {
  const figures = version === undefined ? undefined : await measurePython(plan);
  if (figures !== undefined) pythonRounds.push(figures);
}
