// Tests that a pool or a process whose worker cannot be started names the reason.

import { assert, assertEquals, assertInstanceOf, assertStringIncludes, assertThrows } from "@std/assert";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { BrokenExecutorError, Process, type ProcessPoolOptions } from "../../mod.ts";
import { Engine } from "../../src/pool/engine/engine.ts";
import { announceToNobody } from "../../src/pool/events.ts";
import { startInlineWorker } from "../../src/pool/workers/inline_worker.ts";
import { checkPoolOptions } from "../../src/pool/options.ts";
import type { WorkerEvents } from "../../src/pool/workers/pool_worker.ts";
import { StartError } from "../../src/runtime/start_error.ts";
import { requireDefinition } from "../../src/task/task.ts";
import { processChannel } from "../../src/wire/process_link.ts";
import { FunctionLoader } from "../../src/worker/function_loader.ts";
import * as tasks from "../fixtures/tasks.ts";
import { PROCESSES, testEach } from "../support/executors.ts";
import { until, within } from "../support/poll.ts";

const FILE = fileURLToPath(import.meta.url);
const NOT_THERE = fileURLToPath(new URL("./not_there", import.meta.url));

/** Options that prevent the start of a process, and the code and reason in the error. */
const FAULTS: readonly [what: string, options: ProcessPoolOptions, code: string, reason: string][] = [
  ["a missing working directory", { cwd: NOT_THERE }, "ENOENT", `the working directory does not exist: ${NOT_THERE}`],
  ["a working directory that is a file", { cwd: FILE }, "ENO", `the working directory is not a directory: ${FILE}`],
  [
    "an environment that is too large",
    { env: { HEDDLE_LARGE: "x".repeat(4 << 20) } },
    "E2BIG",
    "the environment and the arguments are too large (E2BIG)",
  ],
];

function assertBroken(error: unknown, code: string, reason: string): void {
  assertInstanceOf(error, BrokenExecutorError);
  assertStringIncludes(error.message, `its workers cannot be started: ${reason}`);
  assertInstanceOf(error.cause, Error);
  assertStringIncludes(String((error.cause as { code?: string }).code), code);
}

for (const [what, options, code, reason] of FAULTS) {
  testEach([PROCESSES], `breaks on ${what}, and names it`, async ({ open }) => {
    const pool = open({ maxWorkers: 2, ...options });
    const futures = [1, 2, 3].map((n) => pool.submit(tasks.double, n));
    for (const future of futures) assertBroken(await within("the end", future.exception()), code, reason);
    assertThrows(() => pool.submit(tasks.double, 1), BrokenExecutorError, reason);
    await within("the end", pool.shutdown());
    assertEquals(pool.stats().workers, { idle: 0, busy: 0, starting: 0 });
  });

  test(`Process rejects its result on ${what}`, async () => {
    const child = new Process(tasks.double, [1], { env: options.env, cwd: options.cwd }).start();
    assertBroken(await within("the result", child.result.exception()), code, reason);
    await within("the end", child.join());
    assertEquals([child.alive, child.exitCode, child.signal], [false, undefined, undefined]);
    assertEquals(await within("the exit", child.exited), { exitCode: undefined, signal: undefined });
  });
}

testEach([PROCESSES], "breaks on a missing executable, and names it", async ({ open }) => {
  const { execPath } = process;
  process.execPath = NOT_THERE;
  try {
    const error = await within("the end", open({ maxWorkers: 2 }).submit(tasks.double, 1).exception());
    assertBroken(error, "ENOENT", `the executable of the runtime does not exist: ${NOT_THERE}`);
  } finally {
    process.execPath = execPath;
  }
});

/** A pool whose workers start, fail at once or fail later, as `how` lists. */
class Starts {
  readonly engine: Engine;
  readonly how: ("works" | "throws" | "ends")[] = [];
  made = 0;

  constructor(maxWorkers: number) {
    const settings = checkPoolOptions("ProcessPoolExecutor", { maxWorkers });
    this.engine = new Engine(settings, processChannel, (_id, events) => this.#start(events), announceToNobody);
  }

  submit(n: number) {
    const definition = requireDefinition(tasks.double);
    return this.engine.submit({ definition, args: [n], options: {}, items: undefined, caller: undefined }).future;
  }

  #start(events: WorkerEvents) {
    this.made++;
    const how = this.how.shift() ?? "works";
    if (how === "works") return startInlineWorker(new FunctionLoader(), events);
    const error = new StartError(Object.assign(new Error("spawn EMFILE"), { code: "EMFILE" }));
    if (how === "throws") throw error;
    const worker = startInlineWorker(new FunctionLoader(), { ...events, exit: () => {} });
    queueMicrotask(() => events.exit({ code: undefined, signal: undefined, stderr: "", error }));
    return { ...worker, send: () => {}, kill: () => {} };
  }
}

for (const how of ["throws", "ends"] as const) {
  test(`Engine breaks if the start of its only worker ${how}`, async () => {
    const starts = new Starts(1);
    starts.how.push(how);
    assertBroken(await starts.submit(1).exception(), "EMFILE", "no file descriptors are left (EMFILE)");
    assertEquals([starts.made, starts.engine.stats().restarts], [1, 0]);
    await starts.engine.shutdown({});
  });

  test(`Engine keeps its worker if the start of another ${how}, and tries again`, async () => {
    const starts = new Starts(2);
    assertEquals(await starts.submit(1), 2);
    starts.how.push(how, how);
    // The engine tries again while there is demand for another worker, but not at every task.
    let submitted = 0;
    await until("the other worker is there", () => {
      const futures = [1, 2, 3, 4].map((n) => starts.submit(n));
      submitted += futures.length;
      for (const future of futures) future.addDoneCallback((done) => assertEquals(done.exceptionNow(), undefined));
      return starts.engine.stats().workers.idle + starts.engine.stats().workers.busy === 2;
    });
    assertEquals(starts.made, 4);
    assert(submitted > 4);
    assertEquals(starts.engine.stats().restarts, 0);
    await starts.engine.shutdown({});
    assertEquals(starts.engine.stats().failed, 0);
  });

  test(`Engine breaks if all workers of its first starts fail: the start ${how}`, async () => {
    const starts = new Starts(3);
    starts.how.push(how, how, how, how);
    const futures = [1, 2, 3].map((n) => starts.submit(n));
    for (const future of futures) {
      assertBroken(await future.exception(), "EMFILE", "no file descriptors are left (EMFILE)");
    }
    assert(starts.made <= 3, `${starts.made} starts`);
    await starts.engine.shutdown({});
  });
}
