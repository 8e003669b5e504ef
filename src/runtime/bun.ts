/**
 * Bun.
 *
 * @module
 */

import process from "node:process";
import {
  bootstrap,
  inheritedFlags,
  mergeEnvironment,
  parentProcess,
  parentThread,
  shared,
  startThread,
} from "./node_compat.ts";
import { guardChannel } from "./channel_guard.ts";
import { printAtOnce } from "./print_at_once.ts";
import { startProcess } from "./process_start.ts";
import type { Runtime } from "./types.ts";

/** Bun. */
export const bun: Runtime = {
  ...shared,
  name: "bun",
  threadsOutliveKill: false,
  movesBuffers: true,
  errorClasses: {},
  startThread: (entry, data, name, events) => startThread(entry, data, name, events, { descriptors: 4 }),
  startProcess: (start, events) =>
    startProcess({
      args: [...inheritedFlags(), ...start.execArgs, "-e", bootstrap(start.entry, "serveProcess", start.hello)],
      // Makes the executable of a compiled program run as the runtime itself.
      env: mergeEnvironment({ BUN_BE_BUN: "1", ...start.env }),
      cwd: start.cwd,
    }, events),
  // `new net.Socket({ fd })` reads nothing on Bun; connecting to the descriptor does.
  parentProcess: () => {
    const requireChannel = guardChannel();
    printAtOnce();
    return parentProcess(
      (descriptor) => process.getBuiltinModule("node:net").connect({ fd: descriptor } as never),
      requireChannel,
    );
  },
  parentThread: () => {
    printAtOnce();
    return parentThread();
  },
  responseSent,
  missingPermissions: () => [],
};

/** Loaded when it is needed. */
let stream: typeof import("node:stream") | undefined;

/**
 * A body that the program made whole is used up as soon as the server has the response; so is one that is passed on from a
 * request of the program. One that the program still produces is locked by the server, and readable until it is over.
 */
function responseSent(response: Response): boolean {
  if (!(response instanceof Response) || !response.bodyUsed || response.body === null) return true;
  stream ??= process.getBuiltinModule("node:stream");
  return stream.isReadable(response.body as unknown as NodeJS.ReadableStream) !== true;
}
