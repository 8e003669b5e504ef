// Measures limiters in one loop, and how precisely they keep a rate.
import Bottleneck from "bottleneck";
import PQueue from "p-queue";
import { Throttle } from "../../mod.ts";
import { duel, type DuelOptions } from "./duel.ts";
import { packageVersion } from "./host.ts";
import type { Gate, LockPeer } from "./lock_peers.ts";
import { count } from "./print.ts";
import { type Doer, rowsOf, type Sheet } from "./sheets.ts";
import { timed } from "./stats.ts";

/** Makes calls one after another, without waiters. */
export async function calling(peers: readonly LockPeer[], calls: number, options: DuelOptions): Promise<Sheet> {
  const times = await measure(peers, (gate) => gate.passes(calls), 5, options);
  return {
    id: "calling",
    title: "An empty call, no waiters",
    hint: "In one loop, one after another.",
    rows: rowsOf(peers, perOne(times, calls)),
  };
}

/** Makes all calls at once. */
export async function waiting(peers: readonly LockPeer[], waiters: number, options: DuelOptions): Promise<Sheet> {
  const times = await measure(peers, (gate) => crowd(gate, waiters), 5, options);
  return {
    id: `waiting_${waiters}`,
    title: `${count(waiters)} calls wait for 5 permits`,
    hint: "In one loop; the time per call, which does nothing.",
    rows: rowsOf(peers, perOne(times, waiters)),
  };
}

const RATE = { limit: 20, interval: 50 };

/** Measures a rate, and the maximum number of starts in any window. */
export async function keepingRate(starts: number): Promise<Sheet> {
  const throttle = new Throttle({ rate: RATE });
  const queue = new PQueue({ intervalCap: RATE.limit, interval: RATE.interval });
  const limiter = new Bottleneck({
    reservoir: RATE.limit,
    reservoirRefreshAmount: RATE.limit,
    // bottleneck accepts no shorter interval.
    reservoirRefreshInterval: 250,
  });
  const doers: (Doer & { interval: number; run: (fn: () => void) => Promise<unknown> })[] = [
    { id: "heddle", name: "heddle Throttle", group: "ours", interval: RATE.interval, run: (fn) => throttle.run(fn) },
    {
      id: "p-queue",
      name: "p-queue",
      version: packageVersion("p-queue"),
      group: "peer",
      interval: RATE.interval,
      run: (fn) => queue.add(fn),
    },
    {
      id: "bottleneck",
      name: "bottleneck, 250 ms",
      version: packageVersion("bottleneck"),
      group: "peer",
      interval: 250,
      run: (fn) => limiter.schedule(() => Promise.resolve(fn())),
    },
  ];
  const times: Record<string, number> = {};
  const notes: string[] = [];
  for (const { id, name, interval, run } of doers) {
    const at: number[] = [];
    const took = await timed(() =>
      Promise.all(Array.from({ length: starts }, () => run(() => void at.push(performance.now()))))
    );
    // The first interval starts immediately.
    times[id] = took / (starts / RATE.limit - 1);
    notes.push(`${name} ${mostIn(at, interval)}`);
  }
  await limiter.disconnect();
  return {
    id: "rate",
    title: `${RATE.limit} starts in ${RATE.interval} ms`,
    hint: "The measured interval; closest to the nominal interval is best.",
    note: `Most starts in any window: ${notes.join(", ")}.`,
    rows: rowsOf(doers, times),
  };
}

function mostIn(starts: readonly number[], interval: number): number {
  let most = 0, end = 0;
  for (let i = 0; i < starts.length; i++) {
    while (end < starts.length && starts[end]! < starts[i]! + interval) end++;
    most = Math.max(most, end - i);
  }
  return most;
}

async function measure(
  peers: readonly LockPeer[],
  use: (gate: Gate) => Promise<unknown>,
  permits: number,
  options: DuelOptions,
): Promise<Record<string, number>> {
  const gates = peers.flatMap(({ id, open }) => open === undefined ? [] : [[id, open(permits)] as const]);
  for (const [, gate] of gates) {
    // Let the compilers optimize first.
    const until = performance.now() + options.budget * 3;
    do await use(gate); while (performance.now() < until);
  }
  return await duel(Object.fromEntries(gates.map(([id, gate]) => [id, () => timed(() => use(gate))])), options);
}

function perOne(times: Record<string, number>, size: number): Record<string, number> {
  return Object.fromEntries(Object.entries(times).map(([id, time]) => [id, time / size]));
}

async function crowd(gate: Gate, waiters: number): Promise<void> {
  let entered = 0;
  const visit = (): void => void entered++;
  const visits = new Array<Promise<unknown>>(waiters);
  for (let i = 0; i < waiters; i++) visits[i] = gate.run(visit);
  await Promise.all(visits);
  if (entered !== waiters) throw new Error(`Wrong answer: ${entered} of ${waiters} went in`);
}
