/**
 * Bun.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import fs from "node:fs";
import net from "node:net";
import process from "node:process";
import {
  bootstrap,
  inheritedFlags,
  mergeEnvironment,
  parentProcess,
  parentThread,
  shared,
  startProcess,
} from "./node_compat.ts";
import type { Runtime } from "./types.ts";

/** Bun. */
export const bun: Runtime = {
  ...shared,
  name: "bun",
  threadsOutliveKill: false,
  movesBuffers: true,
  errorClasses: {},
  startProcess: (start, events) =>
    startProcess({
      args: [...inheritedFlags(), ...start.execArgs, "-e", bootstrap(start.entry, "serveProcess")],
      // Makes the executable of a compiled program run as the runtime itself.
      env: mergeEnvironment({ BUN_BE_BUN: "1", ...start.env }),
      cwd: start.cwd,
    }, events),
  // `new net.Socket({ fd })` reads nothing on Bun; connecting to the descriptor does.
  parentProcess: () => {
    printAtOnce();
    return parentProcess((descriptor) => net.connect({ fd: descriptor } as never));
  },
  parentThread: () => {
    printAtOnce();
    return parentThread();
  },
  missingPermission: () => undefined,
};

/**
 * Has a worker's `process.stdout` and `process.stderr` write before they return, as on the other runtimes. On Bun they
 * queue, and the queue is lost when the worker ends; `console.log` does not queue.
 */
function printAtOnce(): void {
  for (const [stream, descriptor] of [[process.stdout, 1], [process.stderr, 2]] as const) {
    const write = (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
      const bytes = typeof chunk === "string"
        ? Buffer.from(chunk, typeof encoding === "string" ? encoding as "utf8" : "utf8")
        : chunk;
      for (let done = 0; done < bytes.length;) done += writeSome(descriptor, bytes, done);
      const then = typeof encoding === "function" ? encoding : callback;
      if (typeof then === "function") queueMicrotask(() => then());
      return true;
    };
    stream.write = write as typeof stream.write;
  }
}

/** Writes what the descriptor takes; one that is full is tried again a moment later. */
function writeSome(descriptor: number, bytes: Uint8Array, start: number): number {
  try {
    return fs.writeSync(descriptor, bytes, start);
  } catch (error) {
    if ((error as { code?: string }).code !== "EAGAIN") return bytes.length;
    (globalThis as unknown as { Bun: { sleepSync(duration: number): void } }).Bun.sleepSync(1);
    return 0;
  }
}
