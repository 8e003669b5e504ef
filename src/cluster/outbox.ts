/**
 * Sends tasks to the server. Tasks submitted in one turn of the loop go together.
 *
 * @module
 */

import { BrokenExecutorError } from "../core/errors.ts";
import type { RetryPlan } from "../futures/retry_plan.ts";
import { type ClusterTask, HELD, OVER, SENT } from "./cluster_task.ts";
import { soon } from "./connection.ts";
import type { EngineQueue } from "./engine.ts";
import { enginePriority } from "./options.ts";

/** The most tasks sent in one request. */
const MOST = 200;
/** The default time for which results are kept, in milliseconds: an hour. */
export const RESULT_TTL = 3_600_000;
/**
 * The retention times in seconds: results for an hour, failed tasks for seven days. Sending them with each job is
 * tempting, but parsing and storing them takes the server a tenth of its time for a small task.
 */
export const KEPT: object = { removeOnComplete: { age: RESULT_TTL / 1_000 }, removeOnFail: { age: 7 * 24 * 3_600 } };

/** The data of a job. */
export interface JobData {
  /** The version of this form. */
  readonly heddle: 1;
  readonly args: string;
  /** Values of async contexts, by the names of their stores. */
  readonly carried?: string | undefined;
  readonly items?: number | undefined;
  readonly timeout?: number | undefined;
  readonly grace?: number | undefined;
  /** The pauses between attempts. */
  readonly retry?: Pick<RetryPlan, "minDelay" | "maxDelay" | "jitter"> | undefined;
  /** `"fail"` if the task must not run again when its host is lost. */
  readonly loss?: "fail" | undefined;
  readonly nonce?: string | undefined;
  /** The number of hosts that the task had lost when it was first run again after its final failure. */
  readonly lost?: number | undefined;
}

/** The settings and listeners of an outbox. */
export interface OutboxHooks {
  /** The time for which results are kept, in milliseconds. */
  readonly resultTtl: number;
  readonly onHostLoss: "retry" | "fail";
  /** The server has stored a task, or had one of its id. */
  accepted(task: ClusterTask): void;
  /** The server has refused a task. */
  refused(task: ClusterTask, error: unknown): void;
}

/** Holds tasks until the connection is open, then sends them. */
export class Outbox {
  readonly #queue: EngineQueue;
  readonly #hooks: OutboxHooks;
  #tasks: ClusterTask[] = [];
  #open = false;
  #due = false;
  #paused = false;

  constructor(queue: EngineQueue, hooks: OutboxHooks) {
    this.#queue = queue;
    this.#hooks = hooks;
  }

  /** Starts sending: the listener for results is ready. */
  open(): void {
    this.#open = true;
    this.#schedule();
  }

  /** Adds a task. */
  add(task: ClusterTask): void {
    this.#tasks.push(task);
    this.#schedule();
  }

  /** Holds back all tasks, or sends them again. */
  pause(paused: boolean): void {
    this.#paused = paused;
    this.#schedule();
  }

  #schedule(): void {
    if (!this.#open || this.#due || this.#paused || this.#tasks.length === 0) return;
    this.#due = true;
    soon(() => {
      this.#due = false;
      if (!this.#paused) this.#flush();
    });
  }

  #flush(): void {
    // Tasks cancelled in the meantime are over.
    const tasks = this.#tasks.filter(({ state }) => state === HELD);
    this.#tasks = [];
    for (let i = 0; i < tasks.length; i += MOST) this.#send(tasks.slice(i, i + MOST));
  }

  #send(tasks: ClusterTask[]): void {
    for (const task of tasks) task.state = SENT;
    const jobs = tasks.map((task) => this.#jobOf(task));
    for (const task of tasks) {
      task.args = "";
      task.carried = undefined;
    }
    const [first] = jobs;
    const sent = jobs.length === 1
      ? this.#queue.add(first!.name, first!.data as never, first!.opts as never)
      : this.#queue.addBulk(jobs as never);
    sent.then(() => {
      for (const task of tasks) this.#hooks.accepted(task);
    }, (cause) => {
      for (const task of tasks) {
        if (task.state === OVER && task.aborted === undefined) continue;
        const message = `Cannot submit '${task.name}': the server did not take it (${messageOf(cause)})`;
        this.#hooks.refused(task, new BrokenExecutorError(message, { cause }));
      }
    });
  }

  #jobOf(task: ClusterTask): { name: string; data: JobData; opts: object } {
    const { timeout, grace, retry, priority, delay } = task.options;
    const { resultTtl, onHostLoss } = this.#hooks;
    const plan = retry as RetryPlan | undefined;
    const data: JobData = {
      heddle: 1,
      args: task.args,
      carried: task.carried,
      items: task.items === 1 ? undefined : task.items,
      timeout: timeout === Infinity ? undefined : timeout,
      grace,
      retry: plan && { minDelay: plan.minDelay, maxDelay: plan.maxDelay, jitter: plan.jitter },
      loss: onHostLoss === "fail" ? "fail" : undefined,
      nonce: task.nonce,
    };
    const opts = {
      jobId: task.jobId,
      priority: enginePriority(priority),
      ...(delay === undefined || delay === 0 ? {} : { delay }),
      ...(plan === undefined ? {} : { attempts: plan.maxAttempts, backoff: { type: "custom" } }),
      ...(resultTtl === RESULT_TTL ? {} : { removeOnComplete: { age: Math.max(1, Math.ceil(resultTtl / 1_000)) } }),
    };
    return { name: task.name, data, opts };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
