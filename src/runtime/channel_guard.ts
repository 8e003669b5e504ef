/**
 * Keeps the channel of a worker process open.
 *
 * @module
 */

import type nodeFs from "node:fs";
import process from "node:process";
import { DOWN, UP } from "./process_start.ts";

/**
 * A worker process checks its channel at its first writes in each interval: the number of checks, and the interval in
 * milliseconds.
 */
const CHECKS = 8, INTERVAL = 10;

/**
 * Makes `fs.close` reject the descriptors of the channel, as if they were not open. A task that closes all descriptors
 * it finds would otherwise cut off its process.
 *
 * @returns a function that ends this process if the descriptor it reads from was lost in another way. The process would
 * never receive a message again, and must not ask for more calls by sending an answer.
 */
export function guardChannel(): () => void {
  const fs = process.getBuiltinModule("node:fs");
  const { close, closeSync } = fs;
  fs.closeSync = (descriptor) => {
    if (isOfChannel(descriptor)) throw refusal();
    closeSync(descriptor);
  };
  fs.close = ((descriptor: number, callback?: (error: Error | null) => void) => {
    if (!isOfChannel(descriptor)) return close(descriptor, callback as never);
    process.nextTick(() => callback?.(refusal()));
  }) as typeof nodeFs.close;
  // For modules that import the functions by name.
  process.getBuiltinModule("node:module").syncBuiltinESMExports();
  return watchChannel(fs.fstatSync);
}

function watchChannel(fstatSync: typeof nodeFs.fstatSync): () => void {
  const inode = inodeOf(fstatSync, DOWN);
  let next = 0;
  let checks = 0;
  return () => {
    if (checks-- <= 0) {
      const time = performance.now();
      if (time < next) return;
      next = time + INTERVAL;
      checks = CHECKS;
    }
    if (inodeOf(fstatSync, DOWN) !== inode) process.exit(1);
  };
}

function inodeOf(fstatSync: typeof nodeFs.fstatSync, descriptor: number): number | undefined {
  try {
    return fstatSync(descriptor).ino;
  } catch {
    return undefined;
  }
}

function isOfChannel(descriptor: number): boolean {
  return descriptor === DOWN || descriptor === UP;
}

function refusal(): Error {
  return Object.assign(new Error("EBADF: bad file descriptor, close"), { code: "EBADF", errno: -9, syscall: "close" });
}
