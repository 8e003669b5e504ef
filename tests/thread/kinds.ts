// Registers one test for threads and processes each, and ends everything that the test started.

import { test } from "node:test";
import { activeChildren, Process, type SingleWorkerOptions, type Task, Thread, threads } from "../../mod.ts";
import { assertEquals } from "@std/assert";
import { Folder, type Gate } from "../support/gate.ts";
import { within } from "../support/poll.ts";
import { CLOSE_LIMIT, TEST_LIMIT } from "../support/timing.ts";

/** A thread or a process. */
export type SingleWorker<R> = Thread<R> | Process<R>;

/** Thread or Process. */
export interface Kind {
  readonly name: "Thread" | "Process";
  make<A extends unknown[], R>(
    task: Task<A, R | PromiseLike<R>>,
    args?: A,
    options?: SingleWorkerOptions,
  ): SingleWorker<R>;
}

export const THREAD: Kind = { name: "Thread", make: (task, args, options) => new Thread(task, args!, options) };
export const PROCESS: Kind = { name: "Process", make: (task, args, options) => new Process(task, args!, options) };

/** The argument that `testBoth()` passes to a test. */
export interface Stage {
  readonly kind: Kind;
  /** Creates a thread or process, which is ended after the test. */
  make: Kind["make"];
  /** Creates a gate, which is opened after the test. */
  gate(): Gate;
  /** Returns the path of a file that does not exist; the file is removed after the test. */
  file(name: string): string;
}

/** Registers a test for each kind, named by the kind and the behaviour. */
export function testBoth(behaviour: string, fn: (stage: Stage) => void | Promise<void>): void {
  for (const kind of [THREAD, PROCESS]) {
    const name = kind.name + (/^[a-zA-Z]+\(|^\[/.test(behaviour) ? "." : " ") + behaviour;
    test(name, { timeout: TEST_LIMIT }, () => onStage(kind, fn));
  }
}

async function onStage(kind: Kind, fn: (stage: Stage) => void | Promise<void>): Promise<void> {
  const made: SingleWorker<unknown>[] = [];
  const folder = new Folder();
  const make: Kind["make"] = (task, args, options) => {
    const singleWorker = kind.make(task, args, options);
    made.push(singleWorker);
    return singleWorker;
  };
  try {
    await fn({ kind, make, gate: () => folder.gate(), file: (name) => folder.file(name) });
  } finally {
    folder.openAll();
    for (const singleWorker of made) await within("its end", endOf(singleWorker), CLOSE_LIMIT);
    folder.remove();
  }
  assertEquals([threads().length, activeChildren().length], [1, 0]);
}

async function endOf(singleWorker: SingleWorker<unknown>): Promise<void> {
  if (singleWorker instanceof Process) await singleWorker.kill();
  else await singleWorker.terminate();
}
