/**
 * Node.
 *
 * @module
 */

import { AsyncResource } from "node:async_hooks";
import { bootstrap } from "./bootstrap.ts";
import {
  inheritedFlags,
  mergeEnvironment,
  openSocket,
  parentProcess,
  parentThread,
  shared,
  startProcess,
} from "./node_compat.ts";
import { printAtOnce } from "./print_at_once.ts";
import type { EnterContext, Runtime } from "./types.ts";

/** Node, from the oldest version that strips types by itself. */
export const node: Runtime = {
  ...shared,
  name: "node",
  threadsOutliveKill: false,
  movesBuffers: true,
  errorClasses: {},
  startProcess: (start, events) =>
    startProcess({
      args: [
        ...inheritedFlags(),
        ...start.execArgs,
        "--input-type=module",
        "-e",
        bootstrap(start.entry, "serveProcess", start.hello),
      ],
      env: mergeEnvironment(start.env),
      cwd: start.cwd,
    }, events),
  parentProcess: () => {
    printAtOnce();
    return parentProcess(openSocket);
  },
  parentThread: () => {
    printAtOnce();
    return parentThread();
  },
  captureContext,
  missingPermission,
};

/** A context has no end that could be reported. */
const WITHOUT_HOOK = { requireManualDestroy: true };

/** An async context that was captured. */
class CapturedContext extends AsyncResource {
  constructor() {
    super("heddle", WITHOUT_HOOK);
  }

  /** It keeps no program alive: test runners that look for leaks ask this, and would count each context as one. */
  hasRef(): boolean {
    return false;
  }
}

/** What `AsyncLocalStorage.snapshot()` does, at a third of its price. */
function captureContext(): EnterContext {
  const context = new CapturedContext();
  return (fn) => context.runInAsyncScope(fn);
}

/** Node's permission model names the resource; the flag follows from it. */
function missingPermission(error: unknown): string | undefined {
  const { code, permission } = (error ?? {}) as { code?: string; permission?: string };
  if (code !== "ERR_ACCESS_DENIED") return undefined;
  const flags: Record<string, string> = {
    WorkerThreads: "--allow-worker",
    ChildProcess: "--allow-child-process",
    FileSystemRead: "--allow-fs-read",
    FileSystemWrite: "--allow-fs-write",
  };
  return flags[permission ?? ""] ?? `permission ${permission}`;
}
