// One test, run against one kind of executor after another. What a test opened is closed behind it.

import { test } from "node:test";
import {
  InlineExecutor,
  type PoolOptions,
  ProcessPoolExecutor,
  type ProcessPoolOptions,
  ThreadPoolExecutor,
} from "../../mod.ts";
import { engineOf } from "../../src/pool/pool_base.ts";
import { Folder, type Gate } from "./gate.ts";
import { within } from "./poll.ts";
import { CLOSE_LIMIT, TEST_LIMIT } from "./timing.ts";

/** Any executor. */
export type Pool = InlineExecutor | ThreadPoolExecutor | ProcessPoolExecutor;

/** A kind of executor. */
export interface Kind {
  readonly name: string;
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
  /** Returns an executor with one worker that the tests of a file share; for tests that leave it as they found it. */
  shared(): Pool;
  /** Makes a gate; it is opened after the test. */
  gate(): Gate;
  /** Names a file that is not there yet; it is removed after the test. */
  file(name: string): string;
}

/** How a test is run. */
export interface EachOptions {
  /** How long it may take. */
  limit?: number;
  /** Why it is skipped for some kinds. */
  skip?: (kind: Kind) => string | false;
}

/** The shared executors, and how many tests of their kind are still to come. */
const sharing = new Map<Kind, { pool: Pool | undefined; left: number }>();

/** Registers a test for each kind, named by the kind and what is expected of it. */
export function testEach(
  kinds: readonly Kind[],
  behaviour: string,
  fn: (stage: Stage) => void | Promise<void>,
  { limit = TEST_LIMIT, skip = () => false }: EachOptions = {},
): void {
  for (const kind of kinds) {
    const share = sharing.get(kind) ?? { pool: undefined, left: 0 };
    share.left++;
    sharing.set(kind, share);
    const name = kind.name + (/^[a-z]+\(|^[a-z]+ \{|^\[/.test(behaviour) ? "." : " ") + behaviour;
    test(name, { timeout: limit, skip: skip(kind) }, () => onStage(kind, fn));
  }
}

async function onStage(kind: Kind, fn: (stage: Stage) => void | Promise<void>): Promise<void> {
  const opened: Pool[] = [];
  const folder = new Folder();
  const share = sharing.get(kind)!;
  const stage: Stage = {
    kind,
    open: (options = {}) => {
      const pool = kind.open(options);
      opened.push(pool);
      return pool;
    },
    shared: () => share.pool ??= kind.open({ maxWorkers: 1 }),
    gate: () => folder.gate(),
    file: (name) => folder.file(name),
  };
  try {
    await fn(stage);
  } catch (error) {
    // What still waits would keep its pool open, and the reason would be hidden behind that.
    for (const pool of opened) engineOf(pool)?.terminate(error);
    throw error;
  } finally {
    folder.openAll();
    if (--share.left === 0 && share.pool !== undefined) opened.push(share.pool);
    for (const pool of opened) await within("the pool to close", pool.shutdown({ cancelFutures: true }), CLOSE_LIMIT);
    folder.remove();
  }
}
