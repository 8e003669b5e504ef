/**
 * Names that no other thread or process makes.
 *
 * @module
 */

import process from "node:process";
import { hostTime } from "./host_time.ts";

// Read once, and from the prototype: tests replace `crypto.randomUUID` by a function that always returns the same.
const { crypto } = globalThis;
const randomUuid: (() => string) | undefined = crypto && Object.getPrototypeOf(crypto).randomUUID;

// What distinguishes threads in environments without the global.
const origin = `${process.pid}-${hostTime.now()}-${Math.random()}`;
let made = 0;

/** Returns a name that is made once. */
export function uniqueId(): string {
  return randomUuid === undefined ? `${origin}-${++made}` : randomUuid.call(crypto);
}
