// One test, run against one kind of executor after another. What a test opened is closed behind it.

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
  /** Whether another program decides if a task that is cancelled still waits. */
  readonly decidesLater?: boolean;
  open(options?: ProcessPoolOptions): Pool;
}

export const INLINE: Kind = { name: "InlineExecutor", open: (options) => new InlineExecutor(options) };
export const THREADS: Kind = { name: "ThreadPoolExecutor", open: (options) => new ThreadPoolExecutor(options) };
export const PROCESSES: Kind = { name: "ProcessPoolExecutor", open: (options) => new ProcessPoolExecutor(options) };

/** All kinds. */
export const ALL: readonly Kind[] = [INLINE, THREADS, PROCESSES];
/** Those whose tasks run elsewhere. */
export const WORKERS: readonly Kind[] = [THREADS, PROCESSES];

/** What a test is given. */
export interface Stage {
  readonly kind: Kind;
  /** Opens an executor; it is shut down after the test. */
  open(options?: PoolOptions | ProcessPoolOptions): Pool;
  /**
   * Returns an executor that the tests of a file share, with one worker and a long grace unless told otherwise; for tests
   * to which it does not matter what ran there before. One that is not idle after a test, or has lost a worker in it, is
   * shared no more.
   */
  shared(options?: PoolOptions): Pool;
  /** Makes a gate; it is opened after the test. */
  gate(): Gate;
  /** Names a file that is not there yet; it is removed after the test. */
  file(name: string): string;
}

/** What an executor has counted since a moment of a test. */
export type Counts = Record<"completed" | "failed" | "cancelled" | "lost" | "restarts" | "timed", number>;

/** How a test is run. */
export interface EachOptions {
  /** How long it may take. */
  limit?: number;
  /** Why it is skipped for some kinds. */
  skip?: (kind: Kind) => string | false;
}

/** The executors of a kind that are shared, by their options, and how many of its tests are still to come. */
interface Share {
  readonly pools: Map<string, Pool>;
  left: number;
}

const sharing = new Map<Kind, Share>();

/** Another kind of executor that the suite is to run on, instead of those that it names. */
export interface Instead {
  readonly kind: Kind;
  /** Whether a test for these kinds is for this one, too; or why it is skipped. */
  takes(kinds: readonly Kind[], behaviour: string): boolean | string;
}

let instead: Instead | undefined;

/** Has the tests that are registered from now on run on another kind of executor. */
export function runInstead(other: Instead): void {
  instead = other;
}

/** How long a shared executor may take to be idle after a test, in milliseconds. */
const IDLE_LIMIT = 500;

/** Registers a test for each kind, named by the kind and what is expected of it. */
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
    // What still waits would keep its pool open, and the reason would be hidden behind that.
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
      // The next file of the same program may have tests of this kind.
      share.pools.clear();
    }
    for (const pool of opened) await within("the pool to close", pool.shutdown({ cancelFutures: true }), CLOSE_LIMIT);
    folder.remove();
  }
}

/** Counts from now on, so that a test need not know what ran on its executor before; `timed` counts run times. */
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

/** Whether an executor is as a test found it: open, with nothing to do, and none of its workers lost. */
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
