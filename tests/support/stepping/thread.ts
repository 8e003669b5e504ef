// Plays the part of one thread in scenarios that a test runs step by step.

import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";
import { ALL } from "../../fixtures/shared_scenarios.ts";
import * as at from "./control.ts";
import type { Api } from "./programs.ts";
import { KILL, Stepper } from "./stepper.ts";
import { loadSource } from "./source.ts";

const { shared, own } = workerData as { shared: at.Shared; own: number };
const { control, text } = shared;
/** Microtask turns that are enough for all settled promises to call back. */
const HOPS = 40;

// A killed thread leaves rejected promises.
process.on("unhandledRejection", () => {});
// The test does not stop the thread while it loads.
new Stepper(shared, -1);
const { sync, threads, share } = await loadSource(shared.source);
const stepper = new Stepper(shared, own);
// The main thread has the number 1.
threads.joinThreads(shared.table, own + 2);

const api: Api = {
  enter: (limit) => {
    control[at.cellOf(own, at.OWN_INSIDE)]!++;
    const inside = ++control[at.INSIDE]!;
    if (inside > limit) throw new Error(`${inside} are inside, where ${limit} may be`);
  },
  leave: () => {
    control[at.cellOf(own, at.OWN_INSIDE)]!--;
    control[at.INSIDE]!--;
  },
  note: (cell, value) => void (control[at.NOTES + cell] = value),
  noted: (cell) => control[at.NOTES + cell]!,
  step: () => stepper.step(),
  later: (delay, fn) => void stepper.startTimer(delay, fn),
};

// Send this after loading: Deno loads no modules while the test blocks.
parentPort!.postMessage("ready");
for (;;) stepper.end(await play());

/** Plays this thread's part; returns its final status. */
async function play(): Promise<number> {
  let status: number | undefined;
  const fail = (error: unknown) => {
    status = error === KILL ? at.DEAD : at.FAILED;
    if (status === at.FAILED) say(error instanceof Error ? error.stack ?? error.message : String(error));
  };
  try {
    stepper.begin();
    const { make, programs } = Object.values(ALL)[control[at.SCENARIO]!]!;
    Promise.resolve(programs[own]!(share(make(sync)), api)).then(() => status ??= at.DONE, fail);
    for (;;) {
      for (let hop = 0; hop < HOPS && status === undefined; hop++) await null;
      if (status !== undefined) return status;
      stepper.turn();
    }
  } catch (error) {
    fail(error);
    return status!;
  }
}

function say(message: string): void {
  text[0] = Math.min(message.length, text.length - 1);
  for (let i = 0; i < text[0]; i++) text[i + 1] = message.charCodeAt(i);
}
