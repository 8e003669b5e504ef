/**
 * The clock and the timers of Bun, unaffected by Bun's fake timers.
 *
 * Bun's fakes replace no function. While they are active, a started timer waits until the test advances the time, and
 * `performance.now`, `Bun.nanoseconds` and `process.hrtime` return the time of the test. Bun marks `setTimeout`
 * meanwhile. Waits on shared memory, immediates and the dates of new files stay real.
 *
 * @module
 */

import buffer from "node:buffer";
import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers";
import { hostTime, isNative, startWaiting, stopWaiting } from "./host_time.ts";
import type { HostTime } from "./types.ts";
import { keepAliveByPort, WaitingTimer } from "./waiting_timer.ts";

/** The part of the `Bun` namespace used here. */
interface BunHost {
  nanoseconds(): number;
}

const host = (globalThis as { Bun?: BunHost }).Bun;
// Constants of this module; host_time.ts says why.
const marked = setTimeout;
const DatedFile = host && buffer.File;
const monotonic = isNative(performance.now) ? hostTime.now : () => host!.nanoseconds() / 1e6;

/**
 * The difference between the date of a new file and this clock, and between this clock and the host's. The latter is
 * unknown until the fakes are inactive.
 */
let dateAhead = 0;
let ahead: number | undefined;
let latest = -Infinity;

/** The clock and the timers of Bun. */
export const bunTime: HostTime = {
  ...hostTime,
  now,
  startTimer: (fn, delay, unref) => isFaked() ? startWaiting(fn, delay, unref) : hostTime.startTimer(fn, delay, unref),
  stopTimer: (timer) => timer instanceof WaitingTimer ? stopWaiting(timer) : hostTime.stopTimer(timer),
  keepAlive: () => isFaked() ? keepAliveByPort() : hostTime.keepAlive(),
};

if (host !== undefined) start();

/** Aligns the two clocks. */
function start(): void {
  if (isFaked()) dateAhead = date();
  else {
    ahead = 0;
    dateAhead = date() - monotonic();
  }
}

function isFaked(): boolean {
  return "clock" in marked;
}

function now(): number {
  const time = isFaked() ? date() - dateAhead : monotonic() + (ahead ??= date() - dateAhead - monotonic());
  // Never goes back: the date has only millisecond precision.
  return latest = time > latest ? time : latest;
}

function date(): number {
  return new DatedFile!([], "").lastModified;
}
