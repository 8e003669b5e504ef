/**
 * The broadcasts of a pool.
 *
 * @module
 */

import type { SubmitOptions } from "../../futures/executor.ts";
import type { Packet } from "../../wire/out_of_band.ts";
import type { ValueEncoder } from "../../wire/encoder.ts";
import { refusalError } from "../../wire/refusal.ts";
import { detach } from "../../wire/transfer.ts";
import { BroadcastRun, type PinnedJob, type RunHooks } from "./broadcast_run.ts";
import type { Caller } from "./caller.ts";
import { copyPacket } from "./retries.ts";
import type { TaskEntry } from "./task_entry.ts";
import { HELD, type PoolWorker, READY } from "../workers/pool_worker.ts";
import { isRepeatable } from "./job.ts";

/** The parts of the engine that broadcasts need. */
export interface BroadcastHooks extends Omit<RunHooks, "stick" | "settled"> {
  readonly workers: readonly PoolWorker[];
  readonly encoder: ValueEncoder;
  /** Whether all workers share this event loop and count as one. */
  readonly inProcess: boolean;
  /** Creates the job for one worker. */
  make(task: TaskEntry, options: SubmitOptions, caller: Caller | undefined, packet: Packet): PinnedJob;
  send(worker: PoolWorker, job: PinnedJob): void;
  /** The number of a worker's tasks that wait for other tasks. */
  waiting(worker: PoolWorker): number;
  /** Recalls the tasks that a worker has not begun. */
  recall(worker: PoolWorker): void;
  /** Starts a worker. */
  grow(): void;
  /** Called when the pool may have begun or ceased to keep the program alive, or when workers may have become free. */
  changed(): void;
}

/** A broadcast that a worker has not begun. */
interface Pending {
  readonly run: BroadcastRun;
  readonly options: SubmitOptions;
  readonly caller: Caller | undefined;
}

/** The id of all workers if they share this event loop. */
const ALL = 0;

/**
 * Sends broadcasts to workers. A worker with a pending broadcast receives no other tasks, and receives the broadcast
 * when it has finished the tasks that it had begun.
 */
export class Broadcasts {
  readonly #hooks: BroadcastHooks;
  readonly #runHooks: RunHooks;
  readonly #active = new Map<BroadcastRun, Pending>();
  readonly #sticky = new Set<BroadcastRun>();
  /** The pending broadcasts by worker id, in order. */
  readonly #pending = new Map<number, Pending[]>();

  constructor(hooks: BroadcastHooks) {
    this.#hooks = hooks;
    this.#runHooks = {
      unobserved: hooks.unobserved,
      abort: (job, reason) => hooks.abort(job, reason),
      stick: (run, sticky) => void (sticky ? this.#sticky.add(run) : this.#sticky.delete(run)),
      settled: (run) => this.#settled(run),
    };
  }

  /** Whether there is a broadcast that has not settled. */
  get active(): boolean {
    return this.#active.size > 0;
  }

  /** The settled broadcasts that a new worker runs after its initializer. */
  get settledSticky(): readonly BroadcastRun[] {
    return [...this.#sticky].filter((run) => !this.#active.has(run));
  }

  /** Starts a broadcast. */
  start(task: TaskEntry, args: unknown[], given: SubmitOptions, caller: Caller | undefined): BroadcastRun {
    const { signal, retry: _, ...options } = given;
    let packet: Packet | undefined;
    let refused: { readonly error: unknown } | undefined;
    try {
      packet = this.#encode(args);
    } catch (error) {
      refused = { error };
    }
    const run = new BroadcastRun(this.#runHooks, task, packet, signal);
    if (signal?.aborted === true) run.abort(signal.reason);
    else if (refused !== undefined) run.reject(refused.error);
    else this.#begin({ run, options, caller });
    return run;
  }

  /** Adds a worker that starts to all active broadcasts. */
  starting(worker: PoolWorker): void {
    for (const pending of this.#active.values()) this.#expect(worker, pending);
  }

  /** Sends pending broadcasts to the workers that have become ready or free. */
  advance(): void {
    if (this.#pending.size === 0) return;
    const { workers, inProcess } = this.#hooks;
    if (inProcess) this.#next(ALL, workers);
    else for (const worker of [...workers]) if (this.#pending.has(worker.id)) this.#next(worker.id, [worker]);
  }

  /** A worker has ended; `error` returns the error of a task if the worker has died. */
  gone(worker: PoolWorker, error: ((task: string) => unknown) | undefined): void {
    if (this.#hooks.inProcess) return;
    const pending = this.#pending.get(worker.id) ?? [];
    this.#pending.delete(worker.id);
    for (const { run } of pending) {
      if (error === undefined) run.leaveOut(worker.id);
      else run.fail(worker.id, error(run.task.definition.name));
    }
  }

  /** Rejects all broadcasts, because the pool is broken. */
  break(error: () => unknown): void {
    this.#pending.clear();
    for (const run of [...this.#active.keys()]) run.reject(error());
  }

  #settled(run: BroadcastRun): void {
    if (!this.#active.delete(run)) return;
    for (const [id, pending] of this.#pending) this.#pending.set(id, pending.filter((each) => each.run !== run));
    this.advance();
    this.#hooks.changed();
  }

  #encode(args: unknown[]): Packet {
    const packet = this.#hooks.encoder.encodeArgs(args);
    if (!packet.attachments.every(isRepeatable)) {
      throw refusalError("args", "what is handed over to one worker cannot go to several");
    }
    const copy = copyPacket(packet);
    detach(packet.moved, []);
    return copy;
  }

  #begin(pending: Pending): void {
    const { run } = pending;
    const { workers, inProcess, recall, grow, changed } = this.#hooks;
    this.#active.set(run, pending);
    for (const worker of workers) {
      if (worker.state > READY) continue;
      recall(worker);
      this.#expect(worker, pending);
    }
    if (inProcess && workers.length === 0) grow();
    this.advance();
    run.settle();
    changed();
  }

  #expect(worker: PoolWorker, pending: Pending): void {
    const id = this.#hooks.inProcess ? ALL : worker.id;
    worker.shut |= HELD;
    const known = this.#pending.get(id) ?? [];
    if (known.includes(pending)) return;
    pending.run.expect(id);
    this.#pending.set(id, [...known, pending]);
  }

  /** Sends the next broadcast to an idle worker, or makes the worker available to other tasks again. */
  #next(id: number, workers: readonly PoolWorker[]): void {
    const { waiting, make, send, changed } = this.#hooks;
    if (workers.some((worker) => worker.sent.size > waiting(worker) || worker.blocked || worker.asked)) return;
    const worker = workers.find(({ state }) => state === READY);
    if (worker === undefined) return;
    const pending = this.#pending.get(id)!;
    const next = pending.shift();
    if (next === undefined) {
      this.#pending.delete(id);
      for (const each of workers) each.shut &= ~HELD;
      return changed();
    }
    const { run, options, caller } = next;
    const job = make(run.task, options, caller, run.packet);
    run.send(id, job);
    send(worker, job);
  }
}
