// What locks cost in one loop: with nobody waiting, with thousands waiting, and when somebody leaves the line.
import type { Lock } from "../../mod.ts";
import { pythonDoers, type PythonLocks } from "./cpython_sync.ts";
import { duel, type DuelOptions } from "./duel.ts";
import { type Gate, LOCK_RIVALS, type LockRival, ours } from "./lock_rivals.ts";
import { count } from "./print.ts";
import { lockRaw, unlockRaw } from "./raw_mutex.ts";
import { type Doer, labelOf, rowsOf, type Sheet } from "./sheets.ts";
import { timed } from "./stats.ts";

/** How often one sample goes in and out: enough for the clock, few enough to take turns often. */
const PASSES = 5_000;
/** Rounds before anything is timed: compilers need a while, and whoever comes first would pay for all. */
const WARM_LAPS = 4;
const LEAVERS = 100;

/** Goes in and out with nobody else there, waiting for a promise each time. */
export async function passing(
  rivals: readonly LockRival[],
  shared: Lock,
  python: PythonLocks | undefined,
  options: DuelOptions,
): Promise<Sheet> {
  const between: LockRival = {
    id: "heddle shared",
    name: "heddle Lock, shared by threads",
    party: "ours",
    openOne: () => ours(shared),
  };
  const gates = [...rivals, between].flatMap(({ id, openOne }) =>
    openOne === undefined ? [] : [[id, openOne()] as const]
  );
  for (let lap = 0; lap < WARM_LAPS; lap++) for (const [, gate] of gates) await gate.passes(PASSES);
  const times = await duelOf(gates.map(([id, gate]) => [id, () => gate.passes(PASSES)]), PASSES, options);
  return {
    id: "passing",
    title: "Acquire and release, nobody waits",
    hint: "In one loop, with an await for each.",
    rows: rowsOf(
      [...rivals, between, ...await pythonDoers(["asyncio.Semaphore"])],
      { ...times, "asyncio.Semaphore": python?.asyncio },
    ),
  };
}

/** The same with the forms that block. */
export async function passingSync(
  plain: Lock,
  shared: Lock,
  python: PythonLocks | undefined,
  options: DuelOptions,
): Promise<Sheet> {
  const doers: Doer[] = [
    { id: "shared", name: "heddle Lock, shared by threads", party: "ours" },
    { id: "plain", name: "heddle Lock", party: "ours" },
    { id: "raw", name: "raw memory", party: "raw" },
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
    title: "acquireSync and release, nobody waits",
    hint: "In one thread, with no await.",
    rows: rowsOf(doers, { ...times, "threading.Lock": python?.lock, "threading.Semaphore": python?.semaphore }),
  };
}

/** All come at once, and each goes out again at once. */
export async function crowding(
  rivals: readonly LockRival[],
  waiters: number,
  permits: number,
  python: PythonLocks | undefined,
  options: DuelOptions,
): Promise<Sheet> {
  const gates = rivals.flatMap(({ id, open }) => open === undefined ? [] : [[id, open(permits)] as const]);
  for (const [, gate] of gates) await crowd(gate, waiters);
  const times = await duelOf(gates.map(([id, gate]) => [id, () => crowd(gate, waiters)]), waiters, options);
  return {
    id: "crowd",
    title: `${count(waiters)} waiters on ${permits} permits`,
    hint: "In one loop; the time of one of them.",
    rows: rowsOf(
      [...rivals, ...await pythonDoers(["asyncio.Semaphore"])],
      { ...times, "asyncio.Semaphore": python?.crowd },
    ),
  };
}

/** Some in the middle of a line are aborted, one after another. */
export async function leaving(sizes: readonly number[], options: DuelOptions): Promise<Sheet> {
  const doers: Doer[] = [];
  const contenders: Record<string, () => Promise<number>> = {};
  for (const rival of LOCK_RIVALS) {
    const { id, open } = rival;
    if (open?.(1).runUnless === undefined) continue;
    for (const size of sizes) {
      doers.push({ id: `${id} ${size}`, name: `${labelOf(rival)}, ${count(size)} wait`, party: rival.party });
      contenders[`${id} ${size}`] = () => leave(open(1), size);
    }
  }
  const times = await duel(contenders, options);
  return {
    id: "leaving",
    title: "Leaving from the middle of the line",
    hint: "By an aborted signal; the time of one who leaves. Others have no way to leave.",
    rows: rowsOf(doers, Object.fromEntries(Object.entries(times).map(([id, time]) => [id, time / LEAVERS]))),
  };
}

/** Times of one: everybody does so many at a time. */
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

/** Only the leaving is timed; all who stay must get in afterwards. */
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
