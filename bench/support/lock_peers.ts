// One interface over all libraries that limit concurrency in one loop.
import { Mutex, Semaphore as MutexSemaphore } from "async-mutex";
import { Sema } from "async-sema";
import pLimit from "p-limit";
import PQueue from "p-queue";
import { Lock, Semaphore } from "../../mod.ts";
import { packageVersion } from "./host.ts";
import type { Doer } from "./sheets.ts";

export interface Gate {
  /** Acquires and releases `times` times in a row. Each has its own loop, because one more call per turn would distort the time. */
  passes(times: number): Promise<void>;
  /** Waits for a permit, runs the function and releases the permit. */
  run(inside: () => unknown): Promise<unknown>;
  /** The same, unless the signal is aborted during the wait; missing if waiters cannot be aborted. */
  runUnless?(signal: AbortSignal, inside: () => unknown): Promise<unknown>;
}

export interface LockPeer extends Doer {
  /** Makes one with this many permits; missing for locks. */
  open?(permits: number): Gate;
  /** Makes one with one permit; missing if that measures nothing new. */
  openOne?(): Gate;
}

export const LOCK_PEERS: readonly LockPeer[] = [
  peer("heddle", "heddle Semaphore", (permits) => ours(new Semaphore(permits))),
  {
    id: "heddle acquire",
    name: "heddle Semaphore, by acquire()",
    group: "ours",
    open: (permits) => oursByAcquire(new Semaphore(permits)),
  },
  { id: "heddle Lock", name: "heddle Lock", group: "ours", openOne: () => ours(new Lock()) },
  peer("async-sema", "async-sema", asyncSema),
  peer("async-mutex", "async-mutex Semaphore", (permits) => asyncMutex(new MutexSemaphore(permits))),
  {
    id: "async-mutex Mutex",
    name: "async-mutex Mutex",
    version: packageVersion("async-mutex"),
    group: "peer",
    openOne: () => asyncMutex(new Mutex()),
  },
  peer("p-limit", "p-limit", limit),
  peer("p-queue", "p-queue", queue),
];

/** Throws unless the gate admits all callers, in order, within its limit, and no aborted caller. */
export async function checkGate(gate: Gate, permits: number, name: string): Promise<void> {
  let [inside, most] = [0, 0];
  const entered: number[] = [];
  const visit = (number: number) => async () => {
    entered.push(number);
    most = Math.max(most, ++inside);
    for (let i = 0; i < 10; i++) await null;
    inside--;
  };
  await gate.passes(3);
  const before = Array.from({ length: 20 }, (_, number) => gate.run(visit(number)));
  const leaver = new AbortController();
  const left = gate.runUnless?.(leaver.signal, visit(-1)).then(() => "stayed", (reason) => reason);
  const after = Array.from({ length: 20 }, (_, number) => gate.run(visit(20 + number)));
  leaver.abort("left");
  await Promise.all([...before, ...after]);
  const right = entered.length === 40 && entered.every((number, i) => number === i) && most === permits;
  if (!right || (left !== undefined && await left !== "left")) throw new Error(`Wrong answers of ${name}`);
}

/** Ours by `run`. */
export function ours(lock: Lock | Semaphore): Gate {
  return {
    // Two copies of the loop: a loop that has run both classes would find their methods more slowly.
    passes: lock instanceof Lock
      ? async (times) => {
        for (let i = 0; i < times; i++) (await lock.acquire()).release();
      }
      : async (times) => {
        for (let i = 0; i < times; i++) (await lock.acquire()).release();
      },
    run: (inside) => lock.run(inside),
    runUnless: (signal, inside) => lock.run(inside, { signal }),
  };
}

/** Ours by `acquire`, for cases in which `run` does not fit. */
function oursByAcquire(semaphore: Semaphore): Gate {
  return {
    passes: ours(semaphore).passes,
    async run(inside) {
      const permit = await semaphore.acquire();
      try {
        await inside();
      } finally {
        permit.release();
      }
    },
  };
}

function asyncSema(permits: number): Gate {
  const semaphore = new Sema(permits);
  return {
    async passes(times) {
      for (let i = 0; i < times; i++) {
        await semaphore.acquire();
        semaphore.release();
      }
    },
    async run(inside) {
      await semaphore.acquire();
      try {
        await inside();
      } finally {
        semaphore.release();
      }
    },
  };
}

function asyncMutex(lock: Mutex | MutexSemaphore): Gate {
  return {
    // The two classes return different things; a loop that distinguishes them would distort the time.
    passes: lock instanceof Mutex
      ? async (times) => {
        for (let i = 0; i < times; i++) (await lock.acquire())();
      }
      : async (times) => {
        for (let i = 0; i < times; i++) (await lock.acquire())[1]();
      },
    run: (inside) => lock.runExclusive(inside),
  };
}

function limit(permits: number): Gate {
  const limited = pLimit(permits);
  return {
    async passes(times) {
      for (let i = 0; i < times; i++) await limited(nothing);
    },
    run: (inside) => limited(inside),
  };
}

function queue(permits: number): Gate {
  const queue = new PQueue({ concurrency: permits });
  return {
    async passes(times) {
      for (let i = 0; i < times; i++) await queue.add(nothing);
    },
    run: (inside) => queue.add(inside),
    runUnless: (signal, inside) => queue.add(inside, { signal }),
  };
}

function nothing(): void {}

function peer(id: string, name: string, open: (permits: number) => Gate): LockPeer {
  const own = id.startsWith("heddle");
  return {
    id,
    name,
    version: own ? undefined : packageVersion(id),
    group: own ? "ours" : "peer",
    open,
    openOne: () => open(1),
  };
}
