/**
 * The adapter for Node.
 *
 * @module
 */

import { AsyncResource } from "node:async_hooks";
import { bootstrap } from "./bootstrap.ts";
import process from "node:process";
import {
  inheritedFlags,
  mergeEnvironment,
  openSocket,
  parentProcess,
  parentThread,
  shared,
  startThread,
} from "./node_compat.ts";
import { guardChannel } from "./channel_guard.ts";
import { threadOutput } from "./output.ts";
import { divertOutput, printAtOnce } from "./print_at_once.ts";
import { startProcess } from "./process_start.ts";
import { StartError } from "./start_error.ts";
import type { EnterContext, Runtime } from "./types.ts";

/** The adapter for Node, from the oldest version that strips types by default. */
export const node: Runtime = {
  ...shared,
  name: "node",
  threadsOutliveKill: false,
  movesBuffers: true,
  errorClasses: {},
  limitsThreads: true,
  startThread: (entry, data, name, events, resourceLimits) =>
    startThread(entry, data, name, events, { missing: missingPermissions, resourceLimits: { ...resourceLimits } }),
  startProcess: (start, events) => {
    requireThreads();
    return startProcess(
      {
        args: [
          ...inheritedFlags(),
          ...start.execArgs,
          "--input-type=module",
          "-e",
          bootstrap(start.entry, "serveProcess", start.hello),
        ],
        env: mergeEnvironment(start.env),
        cwd: start.cwd,
      },
      events,
      { missing: missingPermissions },
    );
  },
  parentProcess: () => {
    const requireChannel = guardChannel();
    printAtOnce();
    return parentProcess(openSocket, requireChannel);
  },
  // The streams of `node:worker_threads` lose their queue when the thread is terminated, and deliver after the result.
  parentThread: () => ({ ...parentThread(), divertOutput }),
  threadOutput,
  captureContext,
  missingPermissions,
};

/** A captured context has no end to report. */
const WITHOUT_HOOK = { requireManualDestroy: true };

/** A captured async context. */
class CapturedContext extends AsyncResource {
  constructor() {
    super("heddle", WITHOUT_HOOK);
  }

  /**
   * Returns false, because a context does not keep the program alive: leak detectors of test runners ask this method.
   */
  hasRef(): boolean {
    return false;
  }
}

/** Captures the async context, as `AsyncLocalStorage.snapshot()` does at three times the cost. */
function captureContext(): EnterContext {
  const context = new CapturedContext();
  return (fn) => context.runInAsyncScope(fn);
}

/** The flags of Node's permission model, by permission. */
const FLAGS: Readonly<Record<string, string>> = {
  WorkerThreads: "--allow-worker",
  ChildProcess: "--allow-child-process",
  FileSystemRead: "--allow-fs-read",
  FileSystemWrite: "--allow-fs-write",
};

/** Returns the flag for the permission that Node's error names. */
function missingPermissions(error: unknown): string[] {
  const { code, permission } = (error ?? {}) as { code?: string; permission?: string };
  if (code !== "ERR_ACCESS_DENIED") return [];
  return [FLAGS[permission ?? ""] ?? `permission ${permission}`];
}

/**
 * Throws if a worker process could not start the thread that watches this process: it has the permissions of this
 * process.
 */
function requireThreads(): void {
  const { permission } = process as { permission?: { has(scope: string): boolean } };
  if (permission === undefined || permission.has("worker")) return;
  const flags = permission.has("child") ? [FLAGS.WorkerThreads!] : [FLAGS.ChildProcess!, FLAGS.WorkerThreads!];
  throw new StartError(new Error("Access to threads has been restricted"), { flags });
}
