/**
 * Printing in workers on Node and Bun.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type fs from "node:fs";
import process from "node:process";
import { waitSync } from "../core/cell.ts";
import { hostTime } from "./host_time.ts";
import { notePrinted } from "./printed.ts";

/** How long to wait for a full pipe before it is tried again, in milliseconds. */
const PAUSE = 1;

/**
 * Has a worker's `process.stdout` and `process.stderr` write before they return, as on Deno. On Node and Bun they queue
 * what a pipe does not take at once; what is queued when the worker ends would be lost, though the task that printed it has
 * long returned.
 */
export function printAtOnce(): void {
  const { writeSync } = process.getBuiltinModule("node:fs");
  const never = new Int32Array(new SharedArrayBuffer(4));
  divertOutput((descriptor, bytes) => {
    notePrinted();
    for (let done = 0; done < bytes.length;) {
      const count = writeSome(writeSync, descriptor, bytes, done);
      if (count === 0) waitSync(never, 0, 0, PAUSE);
      done += count;
    }
  });
}

/** Passes what this worker writes to `process.stdout` and `process.stderr` to `taker`. */
export function divertOutput(taker: (descriptor: 1 | 2, bytes: Uint8Array) => void): void {
  for (const [stream, descriptor] of [[process.stdout, 1], [process.stderr, 2]] as const) {
    const write = (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
      const bytes = typeof chunk === "string"
        ? Buffer.from(chunk, typeof encoding === "string" ? encoding as "utf8" : "utf8")
        : chunk;
      if (bytes.length > 0) taker(descriptor, bytes);
      const then = typeof encoding === "function" ? encoding : callback;
      if (typeof then === "function") hostTime.microtask(() => then());
      return true;
    };
    stream.write = write as typeof stream.write;
  }
}

/** Writes what the descriptor takes; nobody reads one that is closed, so all of it counts as written. */
function writeSome(writeSync: typeof fs.writeSync, descriptor: number, bytes: Uint8Array, start: number): number {
  try {
    return writeSync(descriptor, bytes, start);
  } catch (error) {
    return (error as { code?: string }).code === "EAGAIN" ? 0 : bytes.length - start;
  }
}
