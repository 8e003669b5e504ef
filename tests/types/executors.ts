// Tests the types of executors and their options.

import {
  type Executor,
  type Future,
  InlineExecutor,
  type PoolExecutor,
  type PoolOptions,
  ProcessPoolExecutor,
  type Task,
  ThreadPoolExecutor,
} from "../../mod.ts";
import type { Equal, Expect } from "./expect.ts";

declare const open: Task<[path: string, size?: number], void>;
declare const warm: Task<[], Promise<void>>;

/** The arguments of the initializer must match its parameters. */
export function opened(): void {
  const threads = new ThreadPoolExecutor({ maxWorkers: 2, initializer: open, initArgs: ["a", 1] });
  const processes = new ProcessPoolExecutor({ initializer: open, initArgs: ["a"] as const, cwd: "/" });
  const inlined = new InlineExecutor({ initializer: warm });
  type _ = [
    Expect<Equal<typeof threads, ThreadPoolExecutor>>,
    Expect<Equal<typeof processes, ProcessPoolExecutor>>,
    Expect<Equal<typeof inlined, InlineExecutor>>,
  ];
  // @ts-expect-error: the initializer takes a string.
  new ThreadPoolExecutor({ initializer: open, initArgs: [1] });
  // @ts-expect-error: the initializer needs an argument.
  new ProcessPoolExecutor({ initializer: open });
  // @ts-expect-error: the initializer takes none.
  new InlineExecutor({ initializer: warm, initArgs: [1] });
  // @ts-expect-error: there is nothing to give the arguments to.
  new ThreadPoolExecutor({ initArgs: [1] });
  // @ts-expect-error: there is no such option.
  new ThreadPoolExecutor({ maxWorker: 1 });
  // @ts-expect-error: there is no such value.
  new ThreadPoolExecutor({ concurrency: "Auto" });
  // @ts-expect-error: threads have no directory of their own.
  new ThreadPoolExecutor({ cwd: "/" });
}

// Options can be passed on.
export function openWith(options: PoolOptions): ThreadPoolExecutor {
  return new ThreadPoolExecutor({ ...options, name: "mine" });
}

// Users can extend the class, and distinguish the subclass.
export class SmallPool extends ThreadPoolExecutor {
  constructor() {
    super({ maxWorkers: 1, initializer: warm });
  }

  warm(): Future<void> {
    return this.submit(warm);
  }
}
export function poolsOf(threads: ThreadPoolExecutor, processes: ProcessPoolExecutor, own: SmallPool): PoolExecutor[] {
  const all: Executor[] = [threads, processes, own, threads.with({ timeout: 1 })];
  return [threads, processes, own, new InlineExecutor()].slice(all.length);
}
export function isThreads(pool: Executor): string {
  return pool instanceof ThreadPoolExecutor ? pool.name : "other";
}

/** Events have the details of their kind. */
export function heard(pool: ThreadPoolExecutor): void {
  pool.addEventListener("workerlost", ({ detail }) => {
    type _ = [Expect<Equal<typeof detail.signal, string | undefined>>];
  }, { once: true });
  pool.addEventListener("taskend", { handleEvent: ({ detail }) => void detail.task });
  // @ts-expect-error: there is no such event.
  pool.addEventListener("taskended", () => {});
}
