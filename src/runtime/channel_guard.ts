/**
 * Keeps the channel of a worker process open.
 *
 * @module
 */

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import process from "node:process";
import { DOWN, UP } from "./process_start.ts";

/** A worker process that writes looks at its channel at so many of its first writes in each interval, in milliseconds. */
const CHECKS = 8, INTERVAL = 10;

/**
 * Refuses to close the descriptors of the channel, as if they were not there: tasks that close all they find would deafen
 * their process.
 *
 * @returns what ends this process if it has lost the descriptor that it reads from in another way. It would never hear
 * anything again, and must not ask for more by an answer.
 */
export function guardChannel(): () => void {
  const { close, closeSync } = fs;
  fs.closeSync = (descriptor) => {
    if (isOfChannel(descriptor)) throw refusal();
    closeSync(descriptor);
  };
  fs.close = ((descriptor: number, callback?: (error: Error | null) => void) => {
    if (!isOfChannel(descriptor)) return close(descriptor, callback as never);
    process.nextTick(() => callback?.(refusal()));
  }) as typeof fs.close;
  // For those who import the functions by name.
  syncBuiltinESMExports();
  return watchChannel();
}

function watchChannel(): () => void {
  const inode = inodeOf(DOWN);
  let next = 0;
  let checks = 0;
  return () => {
    if (checks-- <= 0) {
      const time = performance.now();
      if (time < next) return;
      next = time + INTERVAL;
      checks = CHECKS;
    }
    if (inodeOf(DOWN) !== inode) process.exit(1);
  };
}

function inodeOf(descriptor: number): number | undefined {
  try {
    return fs.fstatSync(descriptor).ino;
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
