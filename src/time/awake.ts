/**
 * Keeps the program alive while something in it waits.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";

let waits = 0;
let release: (() => void) | undefined;
let releasing = false;

/** Something waits from now on. Node would end a program in which everything waits, without a word. */
export function enterWait(): void {
  if (++waits === 1) release ??= runtime.keepAlive();
}

/** It waits no more. The handle is let go a moment later, as the next wait is often close behind. */
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
