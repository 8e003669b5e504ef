/**
 * The clock and the timers of the host, out of reach of the fakes of test runners.
 *
 * The globals are the tempting choice: a test that replaces `setTimeout`, `setImmediate` or `performance.now` would then
 * stop every pool of its process. Fakes replace properties of the global object and of `node:timers`, so what is used is
 * read once, when this module is loaded. Fakes that were installed before that are recognized and evaded.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import { clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } from "node:timers";
import type { HostTime, TimerHandle } from "./types.ts";
import { deferByPort, keepAliveByPort, WaitingTimer } from "./waiting_timer.ts";

/** The longest interval: its timer never fires. */
const NEVER = 2 ** 30;
const resolved = Promise.resolve();

// Constants of this module, as a transpiled import may read the property of `node:timers` at each call.
const [set, clear, repeat, stopRepeating, immediate] = [
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  setImmediate,
];
const clock = performance;
// A fake is a property of the object. Bun has no prototype to find the original at.
const readClock = (Object.getPrototypeOf(clock) as { now?: () => number }).now ?? clock.now;

const waits = isFake(set) || isFake(clear);

/** The clock and the timers of the host. */
export const hostTime: HostTime = {
  now: () => readClock.call(clock),
  startTimer: waits ? startWaiting : startTimer,
  stopTimer: waits ? stopWaiting : stopTimer,
  defer: isFake(immediate) ? deferByPort : (fn) => void immediate(fn),
  // `queueMicrotask` is faked as well, and what a promise calls is not.
  microtask: (fn) => void resolved.then(fn),
  keepAlive: isFake(repeat) || isFake(stopRepeating) ? keepAliveByPort : keepAlive,
};

/** Starts a timer that no fake reaches. */
export function startWaiting(fn: () => void, delay: number, unref: boolean): TimerHandle {
  return new WaitingTimer(fn, delay, unref);
}

/** Stops a timer that no fake reaches. */
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
 * Whether a function is a test runner's, or missing: those of vitest, jest and sinon carry their clock, those of
 * `node:test` are bound. Bun marks its own functions, which are native, as long as it has its fakes in use.
 */
export function isFake(fn: { readonly name: string } | undefined): boolean {
  if (typeof fn !== "function" || fn.name.startsWith("bound ")) return true;
  return "clock" in fn && !isNative(fn);
}

/** Whether a function is a part of the engine or of the host, and not written in JavaScript. */
export function isNative(fn: object): boolean {
  return /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(fn));
}
