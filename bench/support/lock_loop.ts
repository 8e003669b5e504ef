// Measures locks in one loop: without waiters, with thousands of waiters, and when waiters abort.
import type { Lock } from "../../mod.ts";
import { pythonDoers, type PythonLocks } from "./cpython_sync.ts";
import { duel, type DuelOptions } from "./duel.ts";
import { type Gate, LOCK_PEERS, type LockPeer, ours } from "./lock_peers.ts";
import { count } from "./print.ts";
import { lockRaw, unlockRaw } from "./raw_mutex.ts";
import { type Doer, labelOf, rowsOf, type Sheet } from "./sheets.ts";
import { timed } from "./stats.ts";

/** Acquires and releases in one sample: enough for the clock, few enough to take turns often. */
const PASSES = 5_000;
/** Rounds before timing starts: compilers need time, and otherwise the first contender would pay for all. */
const WARM_LAPS = 4;
const LEAVERS = 100;

/** Acquires and releases without other waiters, with an await each time. */
export async function passing(
  peers: readonly LockPeer[],
  shared: Lock,
  python: PythonLocks | undefined,
  options: DuelOptions,
): Promise<Sheet> {
  const between: LockPeer = {
    id: "heddle shared",
    name: "heddle Lock, shared by threads",
    group: "ours",
    openOne: () => ours(shared),
  };
  const gates = [...peers, between].flatMap(({ id, openOne }) =>
    openOne === undefined ? [] : [[id, openOne()] as const]
  );
  for (let lap = 0; lap < WARM_LAPS; lap++) for (const [, gate] of gates) await gate.passes(PASSES);
  const times = await duelOf(gates.map(([id, gate]) => [id, () => gate.passes(PASSES)]), PASSES, options);
  return {
    id: "passing",
    title: "Acquire and release, no waiters",
    hint: "In one loop, with an await for each.",
    rows: rowsOf(
      [...peers, between, ...await pythonDoers(["asyncio.Semaphore"])],
      { ...times, "asyncio.Semaphore": python?.asyncio },
    ),
  };
}

/** Measures the same with the blocking forms. */
export async function passingSync(
  plain: Lock,
  shared: Lock,
  python: PythonLocks | undefined,
  options: DuelOptions,
): Promise<Sheet> {
  const doers: Doer[] = [
    { id: "shared", name: "heddle Lock, shared by threads", group: "ours" },
    { id: "plain", name: "heddle Lock", group: "ours" },
    { id: "raw", name: "raw memory", group: "raw" },
    ...await pythonDoers(["threading.Lock", "threading.Semaphore"]),
  ];
  const cells = new Int32Array(new SharedArrayBuffer(4));
  const ways = [["shared", () => passSync(shared)], ["plain", () => passSync(plain)], [
    "raw",
    () => passRaw(cells),
  ]] as const;
  for (let lap = 0; lap < WARM_LAPS; lap++) for (const [, pass] of ways) pass();
  const times = await duelOf(ways.map(([id, pass]) => [id, () => Promise.resolve(pass())]), PASSES, options);
  return {
    id: "passing_sync",
    title: "acquireSync and release, no waiters",
    hint: "In one thread, without await.",
    rows: rowsOf(doers, { ...times, "threading.Lock": python?.lock, "threading.Semaphore": python?.semaphore }),
  };
}

/** Starts all waiters at once; each releases as soon as it has acquired. */
export async function crowding(
  peers: readonly LockPeer[],
  waiters: number,
  permits: number,
  python: PythonLocks | undefined,
  options: DuelOptions,
): Promise<Sheet> {
  const gates = peers.flatMap(({ id, open }) => open === undefined ? [] : [[id, open(permits)] as const]);
  for (const [, gate] of gates) await crowd(gate, waiters);
  const times = await duelOf(gates.map(([id, gate]) => [id, () => crowd(gate, waiters)]), waiters, options);
  return {
    id: "crowd",
    title: `${count(waiters)} waiters on ${permits} permits`,
    hint: "In one loop; the time per waiter.",
    rows: rowsOf(
      [...peers, ...await pythonDoers(["asyncio.Semaphore"])],
      { ...times, "asyncio.Semaphore": python?.crowd },
    ),
  };
}

/** Aborts waiters in the middle of a queue, one after another. */
export async function leaving(sizes: readonly number[], options: DuelOptions): Promise<Sheet> {
  const doers: Doer[] = [];
  const contenders: Record<string, () => Promise<number>> = {};
  for (const peer of LOCK_PEERS) {
    const { id, open } = peer;
    if (open?.(1).runUnless === undefined) continue;
    for (const size of sizes) {
      doers.push({ id: `${id} ${size}`, name: `${labelOf(peer)}, ${count(size)} waiters`, group: peer.group });
      contenders[`${id} ${size}`] = () => leave(open(1), size);
    }
  }
  const times = await duel(contenders, options);
  return {
    id: "leaving",
    title: "Aborting waiters in the middle of the queue",
    hint: "By a signal; the time per aborted waiter. Libraries not listed cannot abort waiters.",
    rows: rowsOf(doers, Object.fromEntries(Object.entries(times).map(([id, time]) => [id, time / LEAVERS]))),
  };
}

/** Times per operation: each contender does many at a time. */
async function duelOf(
  contenders: readonly (readonly [id: string, run: () => Promise<unknown>])[],
  size: number,
  options: DuelOptions,
): Promise<Record<string, number>> {
  const times = await duel(Object.fromEntries(contenders.map(([id, run]) => [id, () => timed(run)])), options);
  return Object.fromEntries(Object.entries(times).map(([id, time]) => [id, time / size]));
}

function passSync(lock: Lock): void {
  for (let i = 0; i < PASSES; i++) lock.acquireSync().release();
}

function passRaw(cells: Int32Array): void {
  for (let i = 0; i < PASSES; i++) {
    lockRaw(cells, 0);
    unlockRaw(cells, 0);
  }
}

async function crowd(gate: Gate, waiters: number): Promise<void> {
  let entered = 0;
  const visit = (): void => void entered++;
  const visits = new Array<Promise<unknown>>(waiters);
  for (let i = 0; i < waiters; i++) visits[i] = gate.run(visit);
  await Promise.all(visits);
  if (entered !== waiters) throw new Error(`Wrong answer: ${entered} of ${waiters} went in`);
}

/** Times only the aborts; all remaining waiters must acquire afterwards. */
async function leave(gate: Gate, size: number): Promise<number> {
  let [entered, left] = [0, 0];
  const visit = (): void => void entered++;
  const held = Promise.withResolvers<void>();
  const visits = [gate.run(() => held.promise)];
  const wait = (): void => {
    for (let i = 0; i < (size - LEAVERS) / 2; i++) visits.push(gate.run(visit));
  };
  wait();
  const controllers = Array.from({ length: LEAVERS }, () => new AbortController());
  const leavers = controllers.map(({ signal }) => gate.runUnless!(signal, visit).catch(() => void left++));
  wait();
  const took = await timed(() => {
    for (const controller of controllers) controller.abort("left");
    return Promise.all(leavers);
  });
  held.resolve();
  await Promise.all(visits);
  if (left !== LEAVERS || entered !== visits.length - 1) throw new Error(`Wrong answer: ${left} left`);
  return took;
}
