// A program does not wait for its daemons: when all other threads and processes have ended, they end with the program.
//
//   deno run -A scripts/examples/daemons.ts [--time 200]        (or bun, or node)
//
// The daemon thread and the daemon process run for ever. The report is no daemon, so the program waits for it without a join.
// Python ends daemon processes before it joins the other processes. Here they run until the program ends, because a message
// from another process may still start main code. A thread or a process inherits `daemon` from its creator.

import process from "node:process";
import { Barrier, Process, Thread } from "@heddle/heddle";
import { report, watch } from "./thread_tasks.ts";
import { runWithNumbers } from "./support/numbers.ts";

// deno-lint-ignore require-await -- runWithNumbers takes async functions; this one only starts threads and processes
async function runDaemons({ time }: { time: number }): Promise<void> {
  const started = new Barrier(3);
  const daemons = [
    new Thread(watch, ["daemon thread", started], { daemon: true }).start(),
    new Process(watch, ["daemon process", started], { daemon: true }).start(),
  ];
  new Thread(report, ["report", started, time]).start();
  process.on("exit", () => {
    console.log(`The program ends. Daemons still running: ${daemons.filter(({ alive }) => alive).length}.`);
  });
  console.log("The main code has ended; the program waits for the report.");
}

if (import.meta.main) await runWithNumbers({ time: 200 }, runDaemons);
