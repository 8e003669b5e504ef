// A thread pool in a hundred lines, built as in Python from threads, a lock, a condition and tasks with a UUID.
//
//   deno run -A scripts/examples/own_thread_pool.ts [--threads 3] [--jobs 12]        (or bun, or node)
//
// own_queue.ts builds a queue from a lock, a condition and memory. The pool has two: one sends jobs to the threads, the other
// returns their answers. As in Python, `getResult()` blocks the caller. A program with an event loop uses ThreadPoolExecutor
// instead: its futures are awaited, and it has priorities, aborts and retries, and replaces workers that die.

import { type Task, Thread } from "@heddle/heddle";
import { type Answer, factorial, type Job, type Outcome, work } from "./own_pool_tasks.ts";
import { OwnQueue, PLACES } from "./own_queue.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";

/** The time limit of a result, in milliseconds. */
const LIMIT = 30_000;

/** 1. A call with a UUID and, later, a result. */
class OwnTask<A extends unknown[], R> {
  readonly id: string = crypto.randomUUID();
  readonly job: Job;
  /** Waits for the next answer from any thread; set by the pool. */
  receive: (() => void) | undefined;
  #outcome: Outcome | undefined;

  constructor({ url, name }: Task<A, R>, ...args: A) {
    this.job = { id: this.id, url, name, args };
  }

  /** Called by the pool when the answer arrives. */
  setResult(outcome: Outcome): void {
    this.#outcome = outcome;
  }

  /** Blocks until there is a result and returns it, or throws the call's error. */
  getResult(): R {
    if (this.receive === undefined) throw new Error("Cannot get the result: the task is not in a pool");
    while (this.#outcome === undefined) this.receive();
    if (this.#outcome.error !== undefined) throw new Error(this.#outcome.error);
    return this.#outcome.value as R;
  }
}

/** 2. The pool: starts threads, puts jobs into one queue, and gives the answers from the other queue to their tasks. */
class OwnThreadPool {
  readonly #jobs = new OwnQueue<Job>();
  readonly #answers = new OwnQueue<Answer>();
  readonly #threads: Thread<void>[];
  /** Tasks without a result, by UUID. */
  readonly #pending = new Map<string, OwnTask<unknown[], unknown>>();
  /** The names of the threads that have run a job. */
  readonly used: Set<string> = new Set();

  constructor(size: number) {
    this.#threads = Array.from({ length: size }, (_, i) => {
      const name = `worker ${i + 1}`;
      return new Thread(work, [name, this.#jobs.parts, this.#answers.parts], { name });
    });
  }

  /** The number of threads. */
  get size(): number {
    return this.#threads.length;
  }

  start(): this {
    for (const thread of this.#threads) thread.start();
    return this;
  }

  put(task: OwnTask<unknown[], unknown>): void {
    this.batchPut([task]);
  }

  batchPut(tasks: readonly OwnTask<unknown[], unknown>[]): void {
    // The queue of answers has room for every pending task, so no thread finds it full.
    if (this.#pending.size + tasks.length > PLACES) {
      throw new RangeError(`Cannot put ${tasks.length} tasks: the limit is ${PLACES} pending tasks`);
    }
    this.#jobs.batchPut(tasks.map(({ job }) => job));
    for (const task of tasks) {
      task.receive = () => this.#receive();
      this.#pending.set(task.id, task);
    }
  }

  /** 3. The end: the threads finish the queued jobs and return. */
  async stop(): Promise<void> {
    this.#jobs.stop();
    for (const thread of this.#threads) await thread.join();
  }

  #receive(): void {
    const { id, thread, ...outcome } = this.#answers.pop({ timeout: LIMIT })!;
    this.used.add(thread);
    this.#pending.get(id)!.setResult(outcome);
    this.#pending.delete(id);
  }
}

async function runOwnPool({ threads, jobs }: { threads: number; jobs: number }): Promise<void> {
  const pool = new OwnThreadPool(threads).start();
  const tasks = Array.from({ length: jobs }, (_, n) => new OwnTask(factorial, n));
  pool.batchPut(tasks);
  const results = tasks.map((task) => task.getResult());
  for (const [n, result] of results.entries()) console.log(`${n}! = ${result}`);

  const failing = new OwnTask(factorial, 5_000);
  pool.put(failing);
  console.log(`5000! = ${messageOf(() => failing.getResult())}`);
  await pool.stop();
  console.log(`${jobs + 1} jobs were run by ${pool.used.size} of ${pool.size} threads.`);
  if (results.some((result, n) => result !== factorial(n))) {
    throw new ExampleError("Wrong results: the pool returned other factorials than a direct call");
  }
}

function messageOf(call: () => unknown): string {
  try {
    return String(call());
  } catch (error) {
    return (error as Error).message;
  }
}

if (import.meta.main) await runWithNumbers({ threads: 3, jobs: 12 }, runOwnPool);
