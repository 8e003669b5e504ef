/**
 * The first module of a worker.
 *
 * Its starter finds it by its `import.meta.url`. A path relative to the caller is tempting, but it is wrong once the
 * library is transpiled, bundled or served.
 *
 * @module
 */

import { BUNDLED } from "../core/bundled.ts";
import { InvalidStateError } from "../core/errors.ts";
import { joinThreads } from "../core/thread_table.ts";
import { runtime } from "../runtime/mod.ts";
import type { ParentProcess, WorkerScope } from "../runtime/types.ts";
import { contexts, forgetLoading } from "../task/current.ts";
import { reportUnobserved, reportWhenIdle } from "../futures/pending_failures.ts";
import * as op from "../wire/message.ts";
import { type Link, MessageWriter } from "../wire/message.ts";
import { onFirstHeld } from "./disposal.ts";
import type { Runner } from "./runner.ts";
import { becomeProcess, becomeThread, type ProcessHello, unkept } from "./identity.ts";
import { processSide, type Side, type SideEnds, threadSide, type ThreadStart } from "./side.ts";

/** The URL of this module. */
export const ENTRY: string = import.meta.url;

/**
 * Returns the URL of this module.
 *
 * @throws {TypeError} if there is none, as in a bundle that is not an ES module.
 */
export function requireEntry(): string {
  if (typeof ENTRY === "string") return ENTRY;
  throw new TypeError("Cannot start a worker: the bundle has no import.meta.url. Build it as an ES module");
}

/** Serves a pool from a thread. */
export function serveThread(): void {
  serve(() => openThread());
}

/** Serves a pool from a process. */
export function serveProcess(hello: ProcessHello): void {
  serve(() => openProcess(hello));
}

/** The ways in which this worker ends. */
const ENDS: SideEnds = { leave: leaveInTime, exit: (code) => runtime.exit(code) };

const scope: WorkerScope | undefined = runtime.worker;
let side: Side | undefined;
/** Uncaught errors from before this worker was linked to its pool. */
const early: unknown[] = [];
let refusal: unknown;

/**
 * The connection of a worker process to its pool. It opens at once, because in a bundle the main program runs before
 * the worker serves.
 */
const parentProcess: ParentProcess | undefined = scope?.start === "serveProcess" ? runtime.parentProcess() : undefined;

if (scope !== undefined) {
  scope.serveThread = serveThread;
  scope.serveProcess = serveProcess;
  scope.refuse = refuse;
  runtime.catchUnhandled(unhandled);
  parentProcess?.watchParent();
}

/** Serves the pool. All work for the pool runs outside the async context in which modules are loaded. */
function serve(open: () => Side): void {
  if (scope === undefined) throw new InvalidStateError("Cannot serve a pool from the main program");
  scope.loading = false;
  if (BUNDLED) void forgetLoading();
  contexts.run(undefined, () => {
    side ??= open();
    const { runner } = side;
    reportWhenIdle(() => runner.idle);
    side.listen();
    for (const error of early.splice(0)) unhandled(error);
  });
}

/** Reports to the pool why this worker cannot serve it; only the first reason counts. */
function refuse(error: unknown): void {
  if (side !== undefined) return;
  refusal = error;
  contexts.run(undefined, () => {
    side = parentProcess === undefined ? openThread() : openProcess(scope!.hello as ProcessHello);
    side.runner.report(op.REFUSED, error);
  });
}

function unhandled(error: unknown): void {
  // The pool has already received this error.
  if (error === refusal && error !== undefined) return;
  if (side === undefined) early.push(error);
  else side.runner.unhandled(error);
}

function openThread(): Side {
  const parent = runtime.parentThread();
  const start = parent.take() as ThreadStart;
  joinThreads(new Int32Array(start.threads), start.ident);
  becomeThread(start.named, start.process);
  return threadSide(parent, start, ENDS);
}

function openProcess(hello: ProcessHello): Side {
  becomeProcess(hello);
  runtime.ignoreInterrupt();
  const side = processSide(parentProcess!, hello.key, ENDS);
  const listen = () => {
    runtime.beforeExit(() => side.runner.leave());
    // Without a reason a process has no listener, as one that computes could not be ended by the signal.
    onFirstHeld(() => stopWhenTold(side.runner));
    side.listen();
  };
  return { ...side, listen };
}

/** Disposes of the values this process holds, before it ends by the signal. */
function stopWhenTold(runner: Runner): void {
  const stop = runtime.onSignal("SIGTERM", () => {
    stop();
    void runner.dispose().then(() => runtime.endBySignal("SIGTERM"));
  });
}

/** Ends this worker after the threads and processes that its tasks started and the program waits for. */
function leaveInTime(link: Link, runner: Runner): void {
  const kept = unkept();
  reportUnobserved();
  const exit = () => void runner.dispose().then(() => runtime.exit(0));
  if (kept === undefined) return exit();
  // Acknowledges the request, so that the pool does not consider this worker stuck.
  const writer = new MessageWriter();
  writer.record(op.PONG);
  link.send(writer.take());
  void kept.then(exit);
}
