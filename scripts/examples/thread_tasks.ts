// Tasks of daemons.ts and thread_methods.ts, in a module of their own: every worker loads the module of its task.

import { delay } from "@std/async";
import type { Barrier, Event } from "@heddle/heddle/sync";
import { type Task, task } from "@heddle/heddle/task";
import { currentThread, mainThread } from "@heddle/heddle/thread";

/** Runs for ever: it is a daemon and ends with the program. */
export const watch: Task<[name: string, started: Barrier], Promise<void>> = task(
  import.meta,
  async function watch(name: string, started: Barrier): Promise<void> {
    console.log(`${name}: started`);
    await started.wait();
    for (;;) await delay(1_000);
  },
);

/** Waits until all have started, then takes `time` milliseconds. */
export const report: Task<[name: string, started: Barrier, time: number], Promise<void>> = task(
  import.meta,
  async function report(name: string, started: Barrier, time: number): Promise<void> {
    console.log(`${name}: started`);
    await started.wait();
    await delay(time);
    console.log(`${name}: done`);
  },
);

/** The report of a thread about itself. */
export interface SelfPortrait {
  name: string;
  ident: number | undefined;
  daemon: boolean;
  main: string;
  /** The message of the error when a thread joins itself. */
  join: string;
}

/** Reports that it runs, waits until it may leave, and returns what it knows about itself. */
export const introduce: Task<[here: Event, leave: Event], Promise<SelfPortrait>> = task(
  import.meta,
  async function introduce(here: Event, leave: Event): Promise<SelfPortrait> {
    here.set();
    await leave.wait();
    const self = currentThread();
    const { name, ident, daemon } = self;
    const join = await self.join().then(() => "", (error: Error) => error.message);
    return { name, ident, daemon, main: mainThread().name, join };
  },
);
