// Registers one test for each kind of executor, and closes everything that the test opened.

import { test } from "node:test";
import { delay } from "@std/async";
import {
  InlineExecutor,
  type PoolExecutor,
  type PoolOptions,
  ProcessPoolExecutor,
  type ProcessPoolOptions,
  ThreadPoolExecutor,
} from "../../mod.ts";
import { engineOf } from "../../src/pool/pool_base.ts";
import { Folder, type Gate } from "./gate.ts";
import { within } from "./poll.ts";
import { CLOSE_LIMIT, LONG, TEST_LIMIT } from "./timing.ts";

/** Any executor. */
export type Pool = PoolExecutor;

/** A kind of executor. */
export interface Kind {
  readonly name: string;
  /** Whether a remote program decides if a cancelled task is still waiting. */
  readonly decidesLater?: boolean;
  open(options?: ProcessPoolOptions): Pool;
}

export const INLINE: Kind = { name: "InlineExecutor", open: (options) => new InlineExecutor(options) };
export const THREADS: Kind = { name: "ThreadPoolExecutor", open: (options) => new ThreadPoolExecutor(options) };
export const PROCESSES: Kind = { name: "ProcessPoolExecutor", open: (options) => new ProcessPoolExecutor(options) };

/** All kinds. */
export const ALL: readonly Kind[] = [INLINE, THREADS, PROCESSES];
/** The kinds that run tasks in workers. */
export const WORKERS: readonly Kind[] = [THREADS, PROCESSES];

/** The argument that `testEach()` passes to a test. */
export interface Stage {
  readonly kind: Kind;
  /** Opens an executor, which is shut down after the test. */
  open(options?: PoolOptions | ProcessPoolOptions): Pool;
  /**
   * Returns an executor that the tests of a file share, by default with one worker and a long grace.
   *
   * Use it only in tests that do not depend on earlier tasks. An executor that is not idle after a test, or has lost a
   * worker, is not shared any further.
   */
  shared(options?: PoolOptions): Pool;
  /** Creates a gate, which is opened after the test. */
  gate(): Gate;
  /** Returns the path of a file that does not exist; the file is removed after the test. */
  file(name: string): string;
}

/** The increase of an executor's counters since a point in a test. */
export type Counts = Record<"completed" | "failed" | "cancelled" | "lost" | "restarts" | "timed", number>;

/** The options of a test. */
export interface EachOptions {
  /** The time limit, in milliseconds. */
  limit?: number;
  /** Returns the reason to skip the test for a kind, or `false`. */
  skip?: (kind: Kind) => string | false;
}

/** The shared executors of a kind by their options, and the number of remaining tests of that kind. */
interface Share {
  readonly pools: Map<string, Pool>;
  left: number;
}

const sharing = new Map<Kind, Share>();

/** A kind of executor that replaces the kinds that tests name. */
export interface Instead {
  readonly kind: Kind;
  /** Whether a test for these kinds also applies to this one, or the reason to skip it. */
  takes(kinds: readonly Kind[], behaviour: string): boolean | string;
}

let instead: Instead | undefined;

/** Replaces the kind of executor for all tests that are registered from now on. */
export function runInstead(other: Instead): void {
  instead = other;
}

/** Time in milliseconds for a shared executor to become idle after a test. */
const IDLE_LIMIT = 500;

/** Registers a test for each kind, named by the kind and the behaviour. */
export function testEach(
  kinds: readonly Kind[],
  behaviour: string,
  fn: (stage: Stage) => void | Promise<void>,
  { limit = TEST_LIMIT, skip = () => false }: EachOptions = {},
): void {
  if (instead !== undefined) {
    const taken = instead.takes(kinds, behaviour);
    if (taken === false) return;
    if (typeof taken === "string") skip = () => taken;
    kinds = [instead.kind];
  }
  for (const kind of kinds) {
    const share = sharing.get(kind) ?? { pools: new Map(), left: 0 };
    if (skip(kind) === false) share.left++;
    sharing.set(kind, share);
    const name = kind.name + (/^[a-z]+\(|^[a-z]+ \{|^\[/.test(behaviour) ? "." : " ") + behaviour;
    test(name, { timeout: limit, skip: skip(kind) }, () => onStage(kind, fn));
  }
}

async function onStage(kind: Kind, fn: (stage: Stage) => void | Promise<void>): Promise<void> {
  const opened: Pool[] = [];
  const folder = new Folder();
  const share = sharing.get(kind)!;
  const used = new Map<string, { pool: Pool; lost: number }>();
  const stage: Stage = {
    kind,
    open: (options = {}) => {
      const pool = kind.open(options);
      opened.push(pool);
      return pool;
    },
    shared: (changes) => {
      const options = { maxWorkers: 1, grace: LONG, ...changes };
      const key = JSON.stringify(options);
      const pool = share.pools.get(key) ?? kind.open(options);
      share.pools.set(key, pool);
      if (!used.has(key)) used.set(key, { pool, lost: pool.stats().lost });
      return pool;
    },
    gate: () => folder.gate(),
    file: (name) => folder.file(name),
  };
  try {
    await fn(stage);
  } catch (error) {
    // Waiting tasks would keep their pool open, and its timeout would hide the original error.
    for (const { pool } of used.values()) opened.push(pool);
    for (const pool of opened) engineOf(pool)?.terminate(error);
    throw error;
  } finally {
    folder.openAll();
    share.left--;
    for (const [key, { pool, lost }] of used) {
      if (!opened.includes(pool) && share.left > 0 && await leftIdle(pool, lost)) continue;
      share.pools.delete(key);
      opened.push(pool);
    }
    if (share.left === 0) {
      opened.push(...share.pools.values());
      // The next file in the same program may also have tests of this kind.
      share.pools.clear();
    }
    for (const pool of opened) await within("the pool to close", pool.shutdown({ cancelFutures: true }), CLOSE_LIMIT);
    folder.remove();
  }
}

/** Returns a function that gives the counters since this call; `timed` counts run times. */
export function countsOf(pool: Pool): () => Counts {
  const counted = (): Counts => {
    const { completed, failed, cancelled, lost, restarts, runTime } = pool.stats();
    return { completed, failed, cancelled, lost, restarts, timed: runTime.count };
  };
  const before = counted();
  return () => {
    const counts = counted();
    for (const name of Object.keys(counts) as (keyof Counts)[]) counts[name] -= before[name];
    return counts;
  };
}

/** Whether a test left an executor usable: open, idle, and without a lost worker. */
async function leftIdle(pool: Pool, lost: number): Promise<boolean> {
  const limit = performance.now() + IDLE_LIMIT;
  while (true) {
    const { running, waiting, workers, lost: now } = pool.stats();
    if (now !== lost || !isOpen(pool)) return false;
    if (running + waiting + workers.busy + workers.starting === 0) return true;
    if (performance.now() > limit) return false;
    await delay(2);
  }
}

function isOpen(pool: Pool): boolean {
  try {
    engineOf(pool)?.requireOpen();
    return true;
  } catch {
    return false;
  }
}
