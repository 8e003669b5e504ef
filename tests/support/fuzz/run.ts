// Fuzzes the messages between a pool and its workers, with one changed message in each round. After any change the
// program lives and every future settles. Only tasks of the affected worker may have wrong results. The workers run in
// this program; the pools, the links and the workers' side are the real code.

import { assert, assertEquals } from "@std/assert";
import { type Future, Manager, ProcessPoolExecutor, Queue, ThreadPoolExecutor } from "../../../mod.ts";
import type { Semaphore } from "../../../src/sync/mod.ts";
import { type Random, seeded } from "../../core/random.ts";
import * as tasks from "../../fixtures/fuzz_tasks.ts";
import { assertSame } from "../../wire/same.ts";
import { until, within } from "../poll.ts";
import { Disturbance, type Target } from "./disturbance.ts";
import { fakeWorkers } from "./workers.ts";

/** Rounds for each pool. */
const ROUNDS_PER_POOL = 25;
/** Tasks submitted in each round. */
const TASKS = 14;
const PERMITS = 2;

/** The kinds of pools, and the targets in their channels. */
const KINDS: Record<Kind, { Pool: PoolClass; targets: readonly Target[] }> = {
  thread: { Pool: ThreadPoolExecutor, targets: ["message", "post", "ring"] },
  process: { Pool: ProcessPoolExecutor, targets: ["message", "chunk"] },
};

/** A kind of pool. */
export type Kind = "thread" | "process";
type PoolClass = typeof ThreadPoolExecutor | typeof ProcessPoolExecutor;

/**
 * Changes messages of one kind of pool, one in each round.
 *
 * @throws {Error} if anything fails except tasks of the affected worker.
 */
export async function runFuzz(kind: Kind, rounds: number, seed: number): Promise<void> {
  const fuzz = new Fuzz(kind, seed);
  try {
    while (fuzz.rounds < rounds) await fuzz.runPool();
  } finally {
    fuzz.end();
  }
}

/** A submitted task and its expected result. */
interface Job {
  readonly n: number;
  readonly future: Future<unknown>;
  readonly expected: unknown;
  outcome: PromiseSettledResult<unknown> | undefined;
}

/** A fuzz run, which opens one pool after another. */
class Fuzz {
  readonly #targets: readonly Target[];
  readonly #Pool: PoolClass;
  readonly #random: Random;
  readonly #disturbance: Disturbance;
  readonly end: () => void;
  readonly #manager = new Manager();
  #jobs: Job[] = [];
  /** Tasks of the affected worker that had begun without a result when its message was changed. */
  readonly #open = new Set<number>();
  rounds = 0;
  #number = 0;

  constructor(kind: Kind, seed: number) {
    this.#Pool = KINDS[kind].Pool;
    this.#targets = KINDS[kind].targets;
    this.#random = seeded(seed);
    this.#disturbance = new Disturbance(this.#random, (hit) => this.#hit(hit.worker.id));
    this.end = fakeWorkers(this.#disturbance);
  }

  async runPool(): Promise<void> {
    const concurrency = 1 + this.#random.below(3);
    const pool = new this.#Pool({ maxWorkers: 2, concurrency, grace: 1 });
    pool.addEventListener("error", () => {});
    const semaphores: Semaphore[] = [];
    for (let i = 0; i < ROUNDS_PER_POOL; i++) await this.#round(pool, semaphores);
    await within(`the shutdown after round ${this.rounds}`, pool.shutdown());
    for (const { available } of semaphores) assertEquals(available, PERMITS, `after round ${this.rounds}`);
  }

  async #round(pool: ThreadPoolExecutor | ProcessPoolExecutor, semaphores: Semaphore[]): Promise<void> {
    tasks.begun.clear();
    this.#open.clear();
    this.#disturbance.arm(this.#random.pick(this.#targets));
    this.#jobs = [];
    for (let i = 0; i < TASKS; i++) this.#submit(pool, semaphores);
    await this.#quiet();
    this.#disturbance.disarm();
    const { hit } = this.#disturbance;
    const about = `round ${this.rounds}, ${hit?.target} ${hit?.up ? "up" : "down"}: ${hit?.name}`;
    for (const { n, future, outcome } of this.#jobs) {
      if (outcome !== undefined) continue;
      this.#assertSuspect(n, `${about}: task ${n} does not end`);
      if (tasks.begun.has(n)) future.abort(new Error("given up"));
    }
    await hit?.worker.end(1);
    await within(`all tasks of ${about}`, Promise.allSettled(this.#jobs.map(({ future }) => future)));
    const n = this.#number++;
    assertSame(await within(`another task after ${about}`, pool.submit(tasks.small, n)), tasks.resultOf(n), about);
    for (const job of this.#jobs) this.#check(job, about);
    if (hit !== undefined) this.rounds++;
  }

  #submit(pool: ThreadPoolExecutor | ProcessPoolExecutor, semaphores: Semaphore[]): void {
    const n = this.#number++;
    const result = tasks.resultOf(n);
    const add = (future: Future<unknown>, expected: unknown = result) => {
      const job: Job = { n, future, expected, outcome: undefined };
      this.#jobs.push(job);
      future.then(
        (value) => job.outcome = { status: "fulfilled", value },
        (reason) => job.outcome = { status: "rejected", reason },
      );
    };
    switch (this.#random.below(8)) {
      case 0:
        return add(pool.submit(tasks.bulky, n, new Uint8Array(20_000).fill(n)), new Uint8Array(20_000).fill(n));
      case 1:
        return add(pool.submit(tasks.failing, n), new RangeError(`failed ${n}`));
      case 2: {
        const semaphore = this.#manager.semaphore(PERMITS);
        semaphores.push(semaphore);
        return add(pool.submit(tasks.permitted, n, semaphore));
      }
      case 3:
        return add(pool.submit(tasks.queued, n, new Queue<number>()));
      case 4:
      case 5:
        return add(pool.submit(tasks.later, n));
      default:
        return add(pool.submit(tasks.small, n));
    }
  }

  /** Waits until all tasks have ended, or no more messages pass. */
  async #quiet(): Promise<void> {
    let passed = -1;
    let quiet = 0;
    await until("the channels are quiet", () => {
      quiet = passed === this.#disturbance.passed ? quiet + 1 : 0;
      passed = this.#disturbance.passed;
      return (quiet > 2 && this.#disturbance.hit !== undefined) ||
        this.#jobs.every(({ outcome }) => outcome !== undefined);
    });
  }

  /** Records the tasks that a changed message of a worker may affect. */
  #hit(workerId: number): void {
    for (const { n, outcome } of this.#jobs) {
      if (outcome === undefined && tasks.begun.get(n)?.includes(workerId)) this.#open.add(n);
    }
  }

  /** Asserts that a task belongs to the affected worker, or has not begun on any worker. */
  #assertSuspect(n: number, message: string): void {
    const { hit } = this.#disturbance;
    const workerIds = tasks.begun.get(n);
    assert(hit !== undefined && (workerIds === undefined || workerIds.includes(hit.worker.id)), message);
  }

  #check({ n, outcome, expected }: Job, about: string): void {
    const workerIds = tasks.begun.get(n) ?? [];
    const { hit } = this.#disturbance;
    if (workerIds.length > 1) this.#assertSuspect(n, `${about}: task ${n} was run ${workerIds.length} times`);
    if (outcome!.status === "rejected") {
      const { reason } = outcome as PromiseRejectedResult;
      if (expected instanceof Error && reason instanceof RangeError && reason.message === expected.message) return;
      return this.#assertSuspect(n, `${about}: task ${n} failed: ${reason}`);
    }
    const { value } = outcome as PromiseFulfilledResult<unknown>;
    try {
      if (expected instanceof Uint8Array) assert(isSame(value, expected), "other bytes");
      else assertSame(value, expected);
    } catch (error) {
      this.#assertSuspect(n, `${about}: task ${n}: ${error}`);
      // A change towards the worker may affect all its tasks; so may a change in a ring or in memory that both sides
      // share.
      if (hit!.up && (hit!.target === "message" || hit!.target === "chunk")) {
        assert(this.#open.has(n), `${about}: task ${n}: ${error}`);
      }
    }
  }
}

/** Compares bytes; faster for large arrays than `assertEquals()`. */
function isSame(value: unknown, expected: Uint8Array): boolean {
  return value instanceof Uint8Array && value.length === expected.length &&
    value.every((byte, i) => byte === expected[i]);
}
