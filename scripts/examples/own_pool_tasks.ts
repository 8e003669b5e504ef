// Tasks of own_thread_pool.ts, in a module of their own: every worker loads the module of its task.

import { type Task, task } from "@heddle/heddle/task";
import { OwnQueue, type QueueParts } from "./own_queue.ts";

/** A call to make. A function cannot be sent to a thread; its module and its name can. */
export interface Job {
  /** The UUID of the task. */
  id: string;
  url: string;
  name: string;
  args: unknown[];
}

/** The result or the error of a call. */
export interface Outcome {
  value?: unknown;
  error?: string;
}

/** The outcome of a job, and the thread that ran it. */
export interface Answer extends Outcome {
  id: string;
  thread: string;
}

/** The loop of a thread: takes jobs until their queue is stopped and empty, and puts the answers into the other queue. */
export const work: Task<[thread: string, jobs: QueueParts, answers: QueueParts], Promise<void>> = task(
  import.meta,
  async function work(thread: string, jobs: QueueParts, answers: QueueParts): Promise<void> {
    const from = new OwnQueue<Job>(jobs), to = new OwnQueue<Answer>(answers);
    for (let job = from.pop(); job !== undefined; job = from.pop()) {
      to.put({ id: job.id, thread, ...await outcomeOf(job) });
    }
  },
);

async function outcomeOf({ url, name, args }: Job): Promise<Outcome> {
  try {
    const { [name]: fn } = await import(url);
    return { value: await fn(...args) };
  } catch (error) {
    return { error: String(error) };
  }
}

/** The exact factorial, as text: JSON has no `bigint`. */
export const factorial: Task<[number], string> = task(import.meta, function factorial(n: number): string {
  if (n > 1_000) throw new RangeError(`${n} is too large`);
  let product = 1n;
  for (let i = 2n; i <= BigInt(n); i++) product *= i;
  return String(product);
});
