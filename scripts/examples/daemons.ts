// A program does not wait for its daemons: when all other threads and processes have ended, it ends them and itself.
//
//   deno run -A scripts/examples/daemons.ts [--time 200]        (or bun, or node)
//
// The daemon thread and the daemon process work for ever. The report is not a daemon, so the program waits for it, although
// nothing joins it. In Python daemon processes end before the other processes are joined; here they go on until the program
// ends, because what the others send may start main code again. A thread or a process inherits `daemon` from its maker.

import process from "node:process";
import { Barrier, Process, Thread } from "@heddle/heddle";
import { report, watch } from "./thread_tasks.ts";
import { runWithNumbers } from "./support/numbers.ts";

// deno-lint-ignore require-await -- the other examples wait for something; here the program does that by itself
async function runDaemons({ time }: { time: number }): Promise<void> {
  const started = new Barrier(3);
  const daemons = [
    new Thread(watch, ["daemon thread", started], { daemon: true }).start(),
    new Process(watch, ["daemon process", started], { daemon: true }).start(),
  ];
  new Thread(report, ["report", started, time]).start();
  process.on("exit", () => {
    console.log(`The program ends. Daemons still at work: ${daemons.filter(({ alive }) => alive).length}.`);
  });
  console.log("The main code has ended; the program waits for the report.");
}

if (import.meta.main) await runWithNumbers({ time: 200 }, runDaemons);
