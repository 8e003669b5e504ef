/**
 * Makes ids that are unique among all threads and processes.
 *
 * @module
 */

import process from "node:process";
import { hostTime } from "./host_time.ts";

// Read once, from the prototype: tests replace `crypto.randomUUID` by a function that always returns the same id.
const { crypto } = globalThis;
const randomUuid: (() => string) | undefined = crypto && Object.getPrototypeOf(crypto).randomUUID;

// Distinguishes threads in environments without the global.
const origin = `${process.pid}-${hostTime.now()}-${Math.random()}`;
let made = 0;

/** Returns a unique id. */
export function uniqueId(): string {
  return randomUuid === undefined ? `${origin}-${++made}` : randomUuid.call(crypto);
}
