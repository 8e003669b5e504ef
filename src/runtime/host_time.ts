/**
 * The clock and the timers of the host, unaffected by fake timers of test runners.
 *
 * The globals are the tempting choice. But then a test that replaces `setTimeout`, `setImmediate` or `performance.now`
 * would stop every pool of its process. Fakes replace properties of the global object and of `node:timers`, so this
 * module reads them once, when it is loaded. Fakes that were installed earlier are detected and avoided.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import { clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } from "node:timers";
import type { HostTime, TimerHandle } from "./types.ts";
import { deferByPort, keepAliveByPort, WaitingTimer } from "./waiting_timer.ts";

/** The longest possible interval: its timer never fires. */
const NEVER = 2 ** 30;
const resolved = Promise.resolve();

// Constants of this module, because a transpiled import may read the property of `node:timers` at each call.
const [set, clear, repeat, stopRepeating, immediate] = [
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  setImmediate,
];
const clock = performance;
// A fake is an own property of the object; the original is on the prototype. Bun has no such prototype.
const readClock = (Object.getPrototypeOf(clock) as { now?: () => number }).now ?? clock.now;

const waits = isFake(set) || isFake(clear);

/** The clock and the timers of the host. */
export const hostTime: HostTime = {
  now: () => readClock.call(clock),
  startTimer: waits ? startWaiting : startTimer,
  stopTimer: waits ? stopWaiting : stopTimer,
  defer: isFake(immediate) ? deferByPort : (fn) => void immediate(fn),
  // Fakes replace `queueMicrotask` as well, but not the callbacks of promises.
  microtask: (fn) => void resolved.then(fn),
  keepAlive: isFake(repeat) || isFake(stopRepeating) ? keepAliveByPort : keepAlive,
};

/** Starts a timer that fakes do not affect. */
export function startWaiting(fn: () => void, delay: number, unref: boolean): TimerHandle {
  return new WaitingTimer(fn, delay, unref);
}

/** Stops a timer that fakes do not affect. */
export function stopWaiting(timer: TimerHandle): void {
  (timer as WaitingTimer).stop();
}

function startTimer(fn: () => void, delay: number, unref: boolean): TimerHandle {
  const timer = set(fn, delay);
  if (unref) timer.unref();
  return timer;
}

function stopTimer(timer: TimerHandle): void {
  clear(timer as NodeJS.Timeout);
}

function keepAlive(): () => void {
  const timer = repeat(() => {}, NEVER);
  return () => stopRepeating(timer);
}

/**
 * Whether a function is a fake of a test runner, or missing. Fakes of vitest, jest and sinon have a property `clock`;
 * those of `node:test` are bound functions. Bun marks its own native functions while its fakes are active.
 */
export function isFake(fn: { readonly name: string } | undefined): boolean {
  if (typeof fn !== "function" || fn.name.startsWith("bound ")) return true;
  return "clock" in fn && !isNative(fn);
}

/** Whether a function belongs to the engine or the host and is not written in JavaScript. */
export function isNative(fn: object): boolean {
  return /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(fn));
}
