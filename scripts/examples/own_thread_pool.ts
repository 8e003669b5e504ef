// A thread pool in a hundred lines, from what the library has: a queue, a task, a worker loop and a future.
//
//   deno run -A scripts/examples/own_thread_pool.ts [--threads 3] [--jobs 12]        (or bun, or node)
//
// This is how ThreadPoolExecutor works at heart. What it has beside that (priorities, aborts, workers that die, values that
// cannot travel, an end without being told) is most of its code.

import { currentThread, Queue, type Task, task, Thread } from "@heddle/heddle";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";

/** 1. A job. A function cannot travel, but where it is exported can: a task knows that of itself. */
interface Job {
  id: number;
  url: string;
  name: string;
  args: unknown[];
}

/** What a thread says when a job has ended. */
interface Answer {
  id: number;
  thread: string;
  value?: unknown;
  error?: unknown;
}

/** 2. The worker loop. The queue is an argument, and the same queue on every thread; when it is shut down the loop ends. */
export const work: Task<[jobs: Queue<Job>, answers: Queue<Answer>], Promise<void>> = task(
  import.meta,
  async function work(jobs: Queue<Job>, answers: Queue<Answer>): Promise<void> {
    const thread = currentThread().name;
    for await (const { id, url, name, args } of jobs) {
      try {
        const { [name]: fn } = await import(url);
        await answers.put({ id, thread, value: await fn(...args) });
      } catch (error) {
        await answers.put({ id, thread, error });
      }
    }
  },
);

/** 3. A future: a promise whose ends are kept for whoever has the answer. */
interface Pending {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** 4. The pool: puts jobs into one queue, and settles futures with what comes out of the other. */
class OwnThreadPool {
  readonly #jobs = new Queue<Job>();
  readonly #answers = new Queue<Answer>();
  readonly #pending = new Map<number, Pending>();
  readonly #threads: Thread<void>[];
  readonly #settled: Promise<void>;
  /** The threads that have done a job. */
  readonly used: Set<string> = new Set();
  #latest = 0;

  constructor(threads: number) {
    this.#threads = Array.from({ length: threads }, (_, i) => {
      return new Thread(work, [this.#jobs, this.#answers], { name: `worker ${i + 1}` }).start();
    });
    this.#settled = this.#settle();
  }

  submit<A extends unknown[], R>(task: Task<A, R>, ...args: A): Promise<Awaited<R>> {
    const id = ++this.#latest;
    const future = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    this.#jobs.tryPut({ id, url: task.url, name: task.name, args });
    return future as Promise<Awaited<R>>;
  }

  /** 5. The end: no more jobs, the threads finish those there are, and then there are no more answers. */
  async shutdown(): Promise<void> {
    this.#jobs.shutdown();
    for (const thread of this.#threads) await thread.join();
    this.#answers.shutdown();
    await this.#settled;
  }

  async #settle(): Promise<void> {
    for await (const { id, thread, value, error } of this.#answers) {
      const { resolve, reject } = this.#pending.get(id)!;
      this.#pending.delete(id);
      this.used.add(thread);
      if (error === undefined) resolve(value);
      else reject(error);
    }
  }
}

/** 6. Something to do. */
export const factorial: Task<[number], bigint> = task(import.meta, function factorial(n: number): bigint {
  if (n > 1_000) throw new RangeError(`${n} is too large`);
  return n < 2 ? 1n : BigInt(n) * factorial(n - 1);
});

async function runOwnPool({ threads, jobs }: { threads: number; jobs: number }): Promise<void> {
  const pool = new OwnThreadPool(threads);
  const results = await Promise.all(Array.from({ length: jobs }, (_, n) => pool.submit(factorial, n)));
  for (const [n, result] of results.entries()) console.log(`${n}! = ${result}`);
  const error = await pool.submit(factorial, 5_000).catch((error: Error) => error);
  console.log(`5000! = ${error}`);
  await pool.shutdown();
  console.log(`${jobs + 1} jobs were done by ${pool.used.size} of ${threads} threads.`);
  if (results.some((result, n) => result !== factorial(n))) throw new ExampleError("Cannot trust the pool");
}

if (import.meta.main) await runWithNumbers({ threads: 3, jobs: 12 }, runOwnPool);
