/**
 * Makes workers print synchronously on Node and Bun.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type fs from "node:fs";
import process from "node:process";
import { waitSync } from "../core/cell.ts";
import { hostTime } from "./host_time.ts";
import { notePrinted } from "./printed.ts";

/** The time before a write to a full pipe is repeated, in milliseconds. */
const PAUSE = 1;

/**
 * Makes a worker's `process.stdout` and `process.stderr` write before they return, as on Deno. On Node and Bun they
 * queue the data that a pipe does not accept at once. A worker that ends would lose its queue, although the task that
 * printed has returned long ago.
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

/** Passes data that this worker writes to `process.stdout` and `process.stderr` to `taker`. */
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

/** Writes the data that the descriptor accepts. If it is closed, all data counts as written. */
function writeSome(writeSync: typeof fs.writeSync, descriptor: number, bytes: Uint8Array, start: number): number {
  try {
    return writeSync(descriptor, bytes, start);
  } catch (error) {
    return (error as { code?: string }).code === "EAGAIN" ? 0 : bytes.length - start;
  }
}
