/**
 * The adapter for Bun.
 *
 * @module
 */

import process from "node:process";
import { bootstrap } from "./bootstrap.ts";
import { bunTime } from "./bun_time.ts";
import { guardChannel } from "./channel_guard.ts";
import { inheritedFlags, mergeEnvironment, parentProcess, parentThread, shared, startThread } from "./node_compat.ts";
import { divertAll } from "./divert_console.ts";
import { printAtOnce } from "./print_at_once.ts";
import { watchConsole } from "./printed.ts";
import { type Command, startProcess } from "./process_start.ts";
import { requireDescriptors } from "./start_error.ts";
import type { ProcessStart, Runtime } from "./types.ts";
import { compiledScope, compiledWorker, refuseFlags } from "./worker_scope.ts";

/** Whether the program was compiled: its modules are then in a virtual file system. */
const COMPILED = /^file:\/\/\/(?:\$bunfs|[A-Z]:\/~BUN)\//.test(import.meta.url);

/** The adapter for Bun. */
export const bun: Runtime = {
  ...shared,
  ...bunTime,
  name: "bun",
  worker: COMPILED ? compiledScope(process.argv[1]!) : shared.worker,
  threadsOutliveKill: false,
  limitsThreads: false,
  movesBuffers: true,
  errorClasses: {},
  startThread: (entry, data, name, events) =>
    startThread(entry, data, name, events, { requireDescriptors: (threads) => requireDescriptors(4 * threads) }),
  startProcess: (start, events) => startProcess({ ...commandFor(start), cwd: start.cwd }, events),
  // `new net.Socket({ fd })` is the tempting way, but it reads nothing on Bun; connecting to the descriptor does.
  parentProcess: () => {
    const requireChannel = guardChannel();
    printAtOnce();
    watchConsole();
    return parentProcess(
      (descriptor) => process.getBuiltinModule("node:net").connect({ fd: descriptor } as never),
      requireChannel,
    );
  },
  parentThread: () => {
    printAtOnce();
    return { ...parentThread(), divertOutput: divertAll };
  },
  responseSent,
  servesResponses: true,
  missingPermissions: () => [],
};

/**
 * Returns the command of a worker process. An executable contains the program and its runtime, and other modules are
 * not found in it.
 */
function commandFor({ entry, hello, env, execArgs }: ProcessStart): Omit<Command, "cwd"> {
  if (!COMPILED) {
    const args = [...inheritedFlags(), ...execArgs, "-e", bootstrap(entry, "serveProcess", hello)];
    return { args, env: mergeEnvironment(env) };
  }
  refuseFlags(execArgs);
  return { args: [], env: mergeEnvironment({ ...env, ...compiledWorker({ start: "serveProcess", hello }) }) };
}

/** Loaded at the first use. */
let stream: typeof import("node:stream") | undefined;

/**
 * Returns whether a response has been sent. A complete body counts as used as soon as the server has the response, and
 * so does the body of another response that is passed on. A body that the program still produces is locked by the
 * server, and readable until it ends.
 */
function responseSent(response: Response): boolean {
  if (!(response instanceof Response) || !response.bodyUsed || response.body === null) return true;
  stream ??= process.getBuiltinModule("node:stream");
  return stream.isReadable(response.body as unknown as NodeJS.ReadableStream) !== true;
}
