/**
 * Blocking calls of a thread pool: the caller's thread sleeps until a worker has answered.
 *
 * @module
 */

import { BrokenExecutorError, InvalidStateError, TimeoutError, WorkerLostError } from "../../core/errors.ts";
import { observe, whenDone } from "../../futures/future.ts";
import type { SubmitOptions } from "../../futures/executor.ts";
import { type Definition, definitionOf, type Task } from "../../task/task.ts";
import { now } from "../../time/system_clock.ts";
import type { Packet } from "../../wire/out_of_band.ts";
import { ByteReader } from "../../wire/bytes.ts";
import { ValueDecoder } from "../../wire/decoder.ts";
import { answerCall, RETURNED } from "../../worker/answer_call.ts";
import { AnswerChannel } from "../../worker/answer_channel.ts";
import { lateMessage } from "../../worker/function_loader.ts";
import type { PinnedJob } from "./broadcast_run.ts";
import type { Submission } from "./submission.ts";
import { appendCaller, type Caller } from "./caller.ts";
import { copyPacket } from "./retries.ts";
import { type PoolWorker, READY, STARTING } from "../workers/pool_worker.ts";

/** The interval in milliseconds at which starting workers are checked, as their initializer may fail. */
const LOOK = 5;
/** The number of a worker's answered jobs above which its channel is read. */
const MOST_ANSWERED = 64;

/** The parts of the engine that blocking calls need. */
export interface SyncHooks {
  readonly workers: readonly PoolWorker[];
  readonly name: string;
  readonly startTimeout: number;
  readonly grace: number;
  /** Starts a worker, unless the pool has its maximum. */
  grow(): void;
  /** Encodes arguments. Throws if an argument cannot be sent. */
  encode(args: unknown[], carried: object | undefined): Packet;
  /** Detaches the transferred objects of a packet from the sender. */
  detach(packet: Packet, copied: boolean): void;
  make(task: Task<unknown[], unknown>, options: SubmitOptions, caller: Caller | undefined, packet: Packet): PinnedJob;
  send(worker: PoolWorker, job: PinnedJob): void;
  abort(job: PinnedJob, reason: unknown): void;
  /** Ends a worker, so that another one can be started. */
  kill(worker: PoolWorker): void;
  /** Throws if the pool is broken or shut down. */
  requireOpen(): void;
}

/** The blocking calls of one pool. There is one call at a time, as each blocks the pool's thread. */
export class SyncCalls {
  readonly #hooks: SyncHooks;
  #channel = new AnswerChannel();
  /** The workers that have received the memory of the channel. */
  #informed = new WeakSet<PoolWorker>();
  /** The jobs that were answered, or whose call another worker has taken. */
  readonly #over = new Set<PinnedJob>();
  /** Workers with the task of a call that has timed out, and the time when its grace ends. */
  readonly #late = new Map<PoolWorker, { readonly job: PinnedJob; readonly due: number }>();
  #calls = 0;

  constructor(hooks: SyncHooks) {
    this.#hooks = hooks;
  }

  /**
   * Runs a task on a free worker. If there is none, the call is offered to all workers, and one of them takes it.
   *
   * @throws any error of the task.
   */
  call(task: Task<unknown[], unknown>, { args, options: given, caller, carried }: Submission): unknown {
    const { signal, timeout = Infinity, retry: _, ...options } = given;
    const { workers, name, requireOpen, encode, make } = this.#hooks;
    signal?.throwIfAborted();
    const number = this.#calls = (this.#calls % 0x3fff_ffff) + 1;
    const free = workers.find((worker) => this.#isFree(worker));
    const memory = free !== undefined && this.#informed.has(free) ? undefined : this.#channel.memory;
    const packet = encode([...args, task, memory, number], carried);
    refuseServed(packet, name);
    if (free === undefined) this.#makeRoom();
    requireOpen();
    const asked = free === undefined ? this.#usable : [free];
    if (asked.length === 0) throw this.#unstarted("its worker could not be started");
    const copied = asked.length > 1;
    const jobs = asked.map(() => {
      const job = make(answerCall as Task<unknown[], unknown>, options, caller, copied ? copyPacket(packet) : packet);
      job.carries = carried !== undefined;
      return job;
    });
    this.#hooks.detach(packet, copied);
    this.#channel.ask(number);
    asked.forEach((worker, i) => this.#send(worker, jobs[i]!));
    try {
      return outcomeOf(this.#wait(definitionOf(task)!, asked, jobs, timeout), caller);
    } finally {
      for (const job of jobs) if (!job.future.done) this.#over.add(job);
    }
  }

  /**
   * Whether a worker is free. Answered jobs do not count, although this thread has not read the worker's messages
   * since.
   */
  #isFree(worker: PoolWorker): boolean {
    if (worker.state !== READY || worker.shut !== 0 || worker.blocked) return false;
    const jobs = [...worker.sent.values()];
    if (!jobs.every((job) => this.#over.has(job as PinnedJob))) return worker.free;
    if (jobs.length > MOST_ANSWERED) worker.handle.look?.();
    return true;
  }

  get #usable(): PoolWorker[] {
    return this.#hooks.workers.filter(({ state }) => state <= READY);
  }

  /**
   * Starts a worker if the pool may have another one. If all workers run tasks of calls that have timed out, waits until one
   * of these tasks has ended, or its worker is replaced after the grace. The timer of the grace cannot fire while this
   * thread blocks.
   */
  #makeRoom(): void {
    this.#hooks.grow();
    for (const [worker, { job, due }] of this.#late) {
      if (this.#usable.some((other) => !this.#late.has(other))) return;
      const runs = () => worker.state <= READY && worker.sent.get(job.id) === job;
      while (runs() && now() < due) {
        this.#channel.take(Math.min(LOOK, due - now()));
        worker.handle.look?.();
      }
      this.#late.delete(worker);
      if (!runs()) continue;
      this.#hooks.kill(worker);
      this.#hooks.grow();
    }
  }

  #send(worker: PoolWorker, job: PinnedJob): void {
    this.#informed.add(worker);
    // The answer arrives through the channel.
    observe(job.future);
    whenDone(job.future, () => this.#over.delete(job));
    this.#hooks.send(worker, job);
  }

  #wait(
    { name, url }: Definition,
    asked: readonly PoolWorker[],
    jobs: readonly PinnedJob[],
    timeout: number,
  ): Uint8Array {
    const { startTimeout, grace } = this.#hooks;
    const asking = now();
    let taken: number | undefined, started: number | undefined;
    for (;;) {
      const starting = asked.filter(({ state }) => state === STARTING);
      const worker = this.#channel.takenBy;
      if (worker !== 0) taken ??= now();
      if (this.#channel.begun) started ??= now();
      const late = taken !== undefined && started === undefined && now() - taken > startTimeout;
      const left = started === undefined ? Infinity : timeout - (now() - started);
      const often = starting.length > 0 || timeout !== Infinity || started === undefined;
      const answer = this.#channel.take(Math.max(0, Math.min(left, often ? LOOK : 1_000)));
      if (answer === "gone") {
        const dead = this.#channel.takenBy;
        this.#renew();
        // Its end is an event, and no event comes while this thread blocks: the next call would wait for it.
        for (const each of asked) if (each.id === dead) this.#hooks.kill(each);
        throw new WorkerLostError(
          `Lost worker ${dead} of ${this.#hooks.name} while it ran task '${name}': it has ended itself`,
          { exitCode: undefined, signal: undefined, stderr: "" },
        );
      }
      if (answer !== undefined) return answer;
      if (left <= 0 || late) {
        const error = new TimeoutError(
          late
            ? lateMessage(name, url, startTimeout)
            : `Cannot go on with task '${name}': its time limit is ${timeout} ms`,
        );
        this.#renew();
        const place = asked.findIndex(({ id }) => id === worker);
        if (place !== -1) {
          const job = jobs[place]!;
          this.#late.set(asked[place]!, { job, due: now() + (job.options.grace ?? grace) });
          this.#hooks.abort(job, error);
        }
        throw error;
      }
      for (const { handle } of starting) handle.look?.();
      this.#hooks.requireOpen();
      if (starting.length === asked.length && now() - asking > startTimeout) {
        throw this.#unstarted(`no worker was ready after ${startTimeout} ms`);
      }
    }
  }

  #unstarted(why: string): BrokenExecutorError {
    return new BrokenExecutorError(`Cannot call a task of ${this.#hooks.name}: ${why}`);
  }

  /** Replaces the channel, as a worker may still write its answer into the old one. */
  #renew(): void {
    this.#channel.abandon();
    this.#channel = new AnswerChannel();
    this.#informed = new WeakSet();
  }
}

/** Rejects arguments that this thread would have to serve, because it cannot do so while it blocks. */
function refuseServed({ lent }: Packet, name: string): void {
  const [served] = lent;
  if (served === undefined) return;
  throw new InvalidStateError(
    `Cannot call a task of ${name} with a ${served.kind.name}: this thread serves it, and blocks meanwhile`,
  );
}

function outcomeOf(answer: Uint8Array, caller: Caller | undefined): unknown {
  const value = new ValueDecoder(new ByteReader(answer, 1, answer.length), [], []).decode();
  if (answer[0] === RETURNED) return value;
  appendCaller(value, caller);
  throw value;
}
