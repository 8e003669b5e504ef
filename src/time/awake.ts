/**
 * Keeps the program alive while an operation waits.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";

let waits = 0;
let release: (() => void) | undefined;
let releasing = false;

/** Counts a wait that has begun. Without a handle, Node silently ends a program in which everything waits. */
export function enterWait(): void {
  if (++waits === 1) release ??= runtime.keepAlive();
}

/** Counts a wait that has ended. The handle is released a moment later, as the next wait often follows at once. */
export function leaveWait(): void {
  if (--waits > 0 || releasing) return;
  releasing = true;
  runtime.defer(() => {
    releasing = false;
    if (waits > 0) return;
    release?.();
    release = undefined;
  });
}
