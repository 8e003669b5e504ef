/**
 * Decides which job goes to which worker, and when.
 *
 * Longer than other files by a few lines: the ways to a worker share the rules of what it may be sent.
 *
 * @module
 */

import { addressOf } from "../../task/task.ts";
import { runtime } from "../../runtime/mod.ts";
import { now, startTimer } from "../../time/system_clock.ts";
import type { ByteReader } from "../../wire/bytes.ts";
import * as op from "../../wire/message.ts";
import { MalformedMessage } from "../../wire/message.ts";
import { writeAddress } from "../../task/address.ts";
import { releaseCaller } from "./caller.ts";
import { JobLine } from "./job_line.ts";
import type { TaskEntry } from "./task_entry.ts";
import type { ResourceLine } from "./resource_line.ts";
import { packetFor } from "./retries.ts";
import { type PoolWorker, READY, STARTING } from "../workers/pool_worker.ts";
import { type Job, SENT, WAITING } from "./job.ts";

/** Tasks are sent ahead to a worker only while its expected load is below this, in milliseconds. */
const AHEAD = 1;
/** Milliseconds that a worker may take before the tasks it has not started are given to another worker. */
const SPIN = 2;
/** Only tasks with an estimate below this are sent ahead, in milliseconds. */
const SHORT = 0.1;
/** Small integers in all engines. */
const LARGEST_ID = 2 ** 30 - 1;
/**
 * The distance of job numbers. They lie far apart, so that a corrupted number is not that of another job. Odd, so that
 * all numbers are used.
 */
const ID_STEP = 0x2545_f491;
/** Maximum number of jobs sent to a worker and not answered. */
const WINDOW = 1024;

/**
 * Number of submits in one turn after which waiting tasks are dispatched, so that workers need not wait for the end of
 * a long turn.
 */
const LOOK = 64;

/** The functions of the engine that the dispatcher calls. */
export interface DispatchHooks {
  /** All workers that are not gone. */
  readonly workers: readonly PoolWorker[];
  readonly maxTasksPerWorker: number;
  /** Whether tasks are sent before their caller yields; false where they run in the caller's loop. */
  readonly eager: boolean;
  /** Whether this is a single worker for one task: if the worker is lost, the task is too. */
  readonly single: boolean;
  /** Starts the workers that `waiting` tasks need. */
  grow(waiting: number): void;
  /** Called when a job has been written for a worker, before it is sent. */
  sending(worker: PoolWorker, job: Job): void;
  /** Called when a job that a worker has not started is taken back. */
  recalled(worker: PoolWorker, job: Job): void;
}

/** The queue of a pool, and the path from the queue to the workers. */
export class Dispatcher {
  readonly #hooks: DispatchHooks;
  readonly #line = new JobLine();
  /** The jobs that wait for resources, if the pool has any. */
  readonly #resources: ResourceLine | undefined;
  #lastId = 0;
  #turn: number | undefined;
  /** The time of the current dispatch, shared by all jobs that are sent together. */
  #time: number | undefined;
  /** Whether a worker may be free, or be started, for the next submitted task. */
  #wakeful: boolean;
  #submitted = 0;
  /** Number of tasks that workers may have beyond running ones while this thread blocks. */
  #ahead = 0;
  /** Whether workers may have tasks that they have not started. */
  #stacked = false;
  /** Stops the timer of the next rebalancing. */
  #stopTimer: (() => void) | undefined;
  #paused = false;
  /** Number of waiting jobs. */
  waiting = 0;

  constructor(hooks: DispatchHooks, resources: ResourceLine | undefined) {
    this.#hooks = hooks;
    this.#resources = resources;
    this.#wakeful = hooks.eager;
  }

  /**
   * Appends a job to the queue. It is sent at once if a worker is free, as its caller may compute or block for any
   * time. All other jobs submitted in one turn travel together.
   */
  enqueue(job: Job): void {
    this.#turn ??= this.#startTurn();
    job.submittedAt = this.#turn;
    this.#line.push(job);
    this.waiting++;
    if (this.#wakeful) this.#sendNow();
    else if (++this.#submitted % LOOK === 0 && this.#hooks.eager) this.dispatch();
  }

  /** Returns a job that was sent and not started to the front of its priority. */
  putBack(job: Job): void {
    job.state = WAITING;
    job.worker = undefined;
    job.stopTimer?.();
    this.#line.unshift(job);
    this.waiting++;
  }

  /** Uncounts a waiting job. Its queue entry is skipped later. The caller settles the job at once. */
  leave(job: Job): void {
    this.waiting--;
    this.#resources?.leave(job);
  }

  /** The oldest waiting task of the lowest priority. Chunks of a `map` are not dropped. */
  lowest(): Job | undefined {
    const mayDrop = ({ state, items }: Job) => state === WAITING && items === 0;
    const lowest = this.#line.lowest(mayDrop);
    return this.#resources === undefined ? lowest : this.#resources.lowest(lowest, mayDrop);
  }

  /** Number of waiting jobs that could start if there were workers. */
  get demand(): number {
    const held = this.#resources?.size ?? 0;
    if (held === 0) return this.waiting;
    return this.next() === undefined ? 0 : Math.max(1, this.waiting - held);
  }

  /** The next job in the queue that can start. */
  next(): Job | undefined {
    const job = this.#head();
    const resources = this.#resources;
    if (resources === undefined || (resources.size === 0 && job?.options.resources === undefined)) return job;
    return resources.next(job, () => {
      this.#line.shift();
      return this.#head();
    });
  }

  /** The first job in the queue, whatever it needs. */
  #head(): Job | undefined {
    for (;;) {
      const job = this.#line.peek();
      if (job === undefined || job.state === WAITING) return job;
      this.#line.shift();
    }
  }

  /** Iterates all waiting jobs in order. The loop must settle or cancel each one. */
  *line(): Generator<Job> {
    const first = () => this.#resources?.any() ?? this.#head();
    for (let job = first(); job !== undefined; job = first()) yield job;
  }

  /** Whether nothing is sent. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Sends nothing until `resume`, and takes back jobs that were not started. */
  pause(): void {
    this.#paused = true;
    this.#wakeful = false;
    this.recallAll();
    this.#resources?.keepNothing();
  }

  /** Sends again. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#wakeful = this.#hooks.eager;
    this.dispatch();
  }

  /** Sends all jobs that can be sent. */
  dispatch(): void {
    this.#ahead = 0;
    if (this.#paused || (this.waiting === 0 && !this.#stacked)) return;
    const { workers } = this.#hooks;
    this.#time = now();
    this.#fill();
    this.#hooks.grow(this.demand);
    if (this.waiting > 0 && this.#hooks.eager) this.#sendAhead();
    else if (this.#stacked) this.#rebalance();
    for (const worker of workers) worker.flush();
  }

  /**
   * Sends tasks behind running ones, as this thread is about to block or has blocked for a while and cannot send any
   * when a worker becomes free. Each call doubles their number. Tasks that need exact times or cannot be sent again
   * stay in the queue. A process gets none, as it does not show which tasks it has started.
   */
  handOut(): void {
    if (this.#paused || this.waiting === 0 || !this.#hooks.eager) return;
    const { workers } = this.#hooks;
    this.#time = now();
    this.#ahead = Math.min(Math.max(1, 2 * this.#ahead), WINDOW);
    this.#hooks.grow(this.demand);
    for (let sent = true; sent;) {
      sent = false;
      for (const worker of workers) {
        const job = this.next();
        if (job === undefined) break;
        if (!this.#takesMore(worker, job)) continue;
        this.#send(worker, job);
        sent = true;
      }
    }
    for (const worker of workers) worker.flush();
  }

  /** A worker is ready, so tasks that it was sent before count as sent now. */
  begin(worker: PoolWorker): void {
    this.#time = now();
    for (const job of worker.sent.values()) job.sentAt = this.#time;
  }

  /**
   * Takes back the tasks that a worker has not started. Returns false if there are none, or if this cannot be known.
   */
  recall(worker: PoolWorker): boolean {
    const unbegun = worker.handle.unbegun?.(worker.calls) ?? 0;
    // Settled jobs are about to be dropped together with their arguments.
    const returns = (job: Job) => job.state !== SENT || worker.mayReturn(job);
    if (unbegun === 0 || ![...worker.sent.values()].slice(-unbegun).every(returns)) return false;
    const count = worker.handle.recall?.(worker.calls) ?? 0;
    if (count === 0) return false;
    worker.calls -= count;
    worker.writer.record(op.RECALL);
    worker.flush();
    this.#retake(worker, [...worker.sent.values()].slice(-count));
    return true;
  }

  /** Handles the answer of a worker that was asked to give back the tasks it has not started. */
  recalled(worker: PoolWorker, ids: ByteReader): void {
    if (!worker.asked) throw new MalformedMessage("Cannot take back tasks that were not asked for");
    const jobs = new Set<Job>();
    for (let left = ids.u32(); left > 0; left--) {
      const id = ids.u32();
      const job = worker.sent.get(id);
      if (job !== undefined) jobs.add(job);
      else if (!worker.dropped.delete(id)) throw new MalformedMessage("Cannot take back a task that was not sent");
    }
    worker.asked = false;
    worker.emptied = true;
    this.#retake(worker, [...jobs]);
  }

  #retake(worker: PoolWorker, jobs: readonly Job[]): void {
    for (const job of jobs.toReversed()) {
      this.#forget(worker, job);
      if (job.state === SENT) this.putBack(job);
    }
  }

  /** Asks a worker to give back the tasks it has not started. The worker answers in a later turn of its loop. */
  #ask(worker: PoolWorker): void {
    worker.asked = true;
    worker.writer.record(op.RECALL);
  }

  /**
   * Takes back a task that its worker has not started, and the tasks behind it, before the task is dropped. A process
   * that is not ready cannot be asked: the task counts as waiting again, and its signal keeps the process from starting
   * it.
   */
  takeBack(job: Job): void {
    const worker = job.worker!;
    if (worker.handle.recall !== undefined) {
      if (this.recall(worker)) this.#turn ??= this.#startTurn();
      return;
    }
    this.#forget(worker, job);
    worker.dropped.set(job.id, job);
    job.state = WAITING;
    job.worker = undefined;
    this.waiting++;
  }

  /** Takes back all tasks that can be taken back. */
  recallAll(): void {
    if (this.#stacked) { for (const worker of this.#hooks.workers) this.recall(worker); }
  }

  #forget(worker: PoolWorker, job: Job): void {
    worker.sent.delete(job.id);
    this.#resources?.end(job);
    this.#hooks.recalled(worker, job);
  }

  /** Writes the definition of a task for a worker that does not know it. */
  define(worker: PoolWorker, { reference, definition }: TaskEntry): void {
    if (worker.defined.has(reference)) return;
    worker.defined.add(reference);
    const record = worker.writer.record(op.DEFINE);
    record.u32(reference);
    writeAddress(record, addressOf(definition));
  }

  /** Starts a turn. All tasks of a turn share one reading of the clock. */
  #startTurn(): number {
    runtime.microtask(() => {
      this.#turn = undefined;
      releaseCaller();
      this.#wakeful = this.#hooks.eager && !this.#paused;
      this.dispatch();
    });
    return now();
  }

  /** Sends one job to a worker that is free, or that is started for it. */
  #sendNow(): void {
    const { workers, grow } = this.#hooks;
    const job = this.next();
    if (job === undefined) return;
    this.#time = now();
    for (const worker of workers) if (worker.free) return this.#sendTo(worker);
    grow(this.demand);
    for (const worker of workers) if (this.#takesEarly(worker, job)) return this.#sendTo(worker);
    this.#wakeful = false;
  }

  /** Sends waiting jobs to free workers. */
  #fill(): void {
    for (const worker of this.#hooks.workers) {
      for (let job = this.next(); job !== undefined && worker.free; job = this.next()) this.#send(worker, job);
    }
  }

  #sendTo(worker: PoolWorker): void {
    const job = this.next();
    if (job === undefined) return;
    this.#send(worker, job);
    worker.flush();
  }

  /**
   * Whether a worker that is not ready may be sent a task. From a process the task could not be taken back if another
   * worker is ready first, so only the sole process of a pool gets tasks so early.
   */
  #takesEarly(worker: PoolWorker, job: Job): boolean {
    if (worker.state !== STARTING || worker.shut !== 0 || worker.sent.size >= worker.concurrency) return false;
    const { workers, single, maxTasksPerWorker } = this.#hooks;
    if (worker.assigned >= maxTasksPerWorker) return false;
    return single || (job.movable && (worker.handle.recall !== undefined || workers.length === 1));
  }

  /** Whether a worker is sent a task behind its running ones, as this thread is about to block. */
  #takesMore(worker: PoolWorker, job: Job): boolean {
    if (worker.free) return true;
    // A task takes resources at its start.
    if (job.options.resources !== undefined) return false;
    const open = worker.state <= READY && worker.shut === 0 && worker.handle.recall !== undefined;
    return open && job.movable && worker.sent.size < worker.concurrency + this.#ahead && this.#mayStack(worker);
  }

  /**
   * Whether a worker may get another task behind others. The last task before its replacement is sent only when it is
   * free.
   */
  #mayStack(worker: PoolWorker): boolean {
    return worker.assigned + 1 < this.#hooks.maxTasksPerWorker;
  }

  /**
   * Gives a free worker the tasks that wait at another worker, which is still starting or is slow with its running
   * task. That task may take longer than estimated, or wait for the tasks behind it.
   */
  #rebalance(): void {
    const { workers } = this.#hooks;
    this.#stacked = false;
    let early = false;
    for (const worker of workers) {
      if (!worker.hasMore) continue;
      this.#stacked = true;
      if (worker.asked || worker.emptied || !workers.some((each) => each.free)) continue;
      if (worker.ready && this.#time! - worker.aheadAt < SPIN) early = true;
      else if (this.recall(worker)) this.#fill();
      else if (worker.ready && worker.handle.recall === undefined) this.#ask(worker);
    }
    if (early) this.#stopTimer ??= startTimer(SPIN, () => this.#look(), { unref: true });
    else this.#stopLook();
  }

  #look(): void {
    this.#stopLook();
    this.dispatch();
  }

  #stopLook(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  /**
   * Sends short tasks to workers that are not free yet, so that these need not wait for the program's loop. Each worker
   * gets its share of half of the waiting tasks (guided self-scheduling; Polychronopoulos and Kuck 1987), so that the
   * last tasks are left for the workers that become free first.
   */
  #sendAhead(): void {
    const { workers } = this.#hooks;
    const share = Math.ceil(this.waiting / (2 * Math.max(1, workers.length)));
    for (const worker of workers) {
      // Sending many tasks at a time is cheaper than sending few, so a worker with more than half of its allowed load
      // is skipped.
      if (worker.state !== READY || worker.shut !== 0 || worker.load > AHEAD / 2) continue;
      for (let left = share; left > 0; left--) {
        const job = this.next();
        if (job === undefined) return;
        const { estimate } = job.task;
        if (estimate > SHORT || worker.load + estimate > AHEAD || worker.sent.size >= WINDOW || !job.plain) break;
        if (!this.#mayStack(worker)) break;
        this.#send(worker, job);
      }
    }
  }

  /** Sends a job that is in no queue, with the next message. */
  sendAlone(worker: PoolWorker, job: Job): void {
    this.#time = now();
    this.#write(worker, job);
  }

  /** Sends the job at the head of the queue. */
  #send(worker: PoolWorker, job: Job): void {
    this.waiting--;
    if (this.#resources === undefined || !this.#resources.start(job)) this.#line.shift();
    this.#write(worker, job);
  }

  #write(worker: PoolWorker, job: Job): void {
    job.id = this.#lastId = (this.#lastId + ID_STEP) & LARGEST_ID;
    job.worker = worker;
    job.state = SENT;
    job.sentAt = this.#time;
    job.estimate = Math.min(job.task.estimate * (job.items || 1), 1e9);
    if (!worker.free) {
      this.#stacked = true;
      worker.aheadAt = this.#time!;
    }
    worker.calls++;
    worker.emptied = false;
    worker.load += job.estimate;
    worker.sent.set(job.id, job);
    this.define(worker, job.task);
    const record = worker.writer.record(op.CALL);
    record.u32(job.id);
    record.u32(job.task.reference);
    const { attempt, identity, window } = job;
    record.u8(
      (job.items > 0 ? op.FLAGS.chunk : 0) | (attempt > 1 ? op.FLAGS.repeated : 0) |
        (identity !== undefined ? op.FLAGS.named : 0) | (job.carries ? op.FLAGS.carries : 0) |
        (window > 0 ? op.FLAGS.stream : 0),
    );
    if (attempt > 1) {
      record.u32(attempt);
      record.u32(job.attempts?.first ?? job.id);
    }
    if (identity !== undefined) record.string(identity.id);
    if (window > 0) record.u32(window);
    worker.writer.value(packetFor(job));
    this.#hooks.sending(worker, job);
  }
}
