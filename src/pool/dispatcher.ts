/**
 * Decides which job goes to which worker, and when.
 *
 * @module
 */

import { PriorityLine } from "../core/priority_line.ts";
import { addressOf } from "../task/task.ts";
import { runtime } from "../runtime/mod.ts";
import { now, startTimer } from "../time/system_clock.ts";
import type { ByteReader } from "../wire/bytes.ts";
import * as op from "../wire/message.ts";
import { MalformedMessage } from "../wire/message.ts";
import { writeAddress } from "../task/address.ts";
import { releaseCaller } from "./caller.ts";
import type { KnownTask } from "./known_task.ts";
import { packetFor } from "./endings.ts";
import { READY, type Slot, STARTING } from "./slot.ts";
import { SENT, WAITING, type Work } from "./work.ts";

/** Tasks are sent ahead to a worker only while its expected load is below this, in milliseconds. */
const AHEAD = 1;
/** Milliseconds that a worker may take before the tasks it has not started are given to another worker. */
const PATIENCE = 2;
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
  readonly slots: readonly Slot[];
  readonly maxTasksPerWorker: number;
  /** Whether tasks are sent before their caller yields; false where they run in the caller's loop. */
  readonly eager: boolean;
  /** Whether this is a single worker for one task: if the worker is lost, the task is too. */
  readonly single: boolean;
  /** Starts the workers that `waiting` tasks need. */
  grow(waiting: number): void;
  /** Called before a job is sent. */
  sending(slot: Slot, work: Work): void;
  /** Called when a job that a worker has not started is taken back. */
  recalled(slot: Slot, work: Work): void;
}

/** The queue of a pool, and the path from the queue to the workers. */
export class Dispatcher {
  readonly #hooks: DispatchHooks;
  readonly #line = new PriorityLine<Work>();
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
  /** Number of waiting jobs. */
  waiting = 0;

  constructor(hooks: DispatchHooks) {
    this.#hooks = hooks;
    this.#wakeful = hooks.eager;
  }

  /**
   * Appends a job to the queue. It is sent at once if a worker is free, as its caller may compute or block for any
   * time. All other jobs submitted in one turn travel together.
   */
  enqueue(work: Work): void {
    this.#turn ??= this.#startTurn();
    work.submittedAt = this.#turn;
    this.#line.push(work, work.options.priority ?? 0);
    this.waiting++;
    if (this.#wakeful) this.#sendNow();
    else if (++this.#submitted % LOOK === 0 && this.#hooks.eager) this.dispatch();
  }

  /** Returns a job that was sent and not started to the front of its priority. */
  putBack(work: Work): void {
    work.state = WAITING;
    work.slot = undefined;
    work.stopTimer?.();
    this.#line.unshift(work, work.options.priority ?? 0);
    this.waiting++;
  }

  /** Uncounts a waiting job. Its queue entry is skipped later. The caller settles the job at once. */
  leave(): void {
    this.waiting--;
  }

  /** The next job in the queue. */
  next(): Work | undefined {
    for (;;) {
      const work = this.#line.peek();
      if (work === undefined || work.state === WAITING) return work;
      this.#line.shift();
    }
  }

  /** Iterates all waiting jobs in order. The loop must settle or cancel each one. */
  *line(): Generator<Work> {
    for (let work = this.next(); work !== undefined; work = this.next()) yield work;
  }

  /** Sends all jobs that can be sent. */
  dispatch(): void {
    this.#ahead = 0;
    if (this.waiting === 0 && !this.#stacked) return;
    const { slots } = this.#hooks;
    this.#time = now();
    this.#fill();
    this.#hooks.grow(this.waiting);
    if (this.waiting > 0 && this.#hooks.eager) this.#sendAhead();
    else if (this.#stacked) this.#rebalance();
    for (const slot of slots) slot.flush();
  }

  /**
   * Sends tasks behind running ones, as this thread is about to block or has blocked for a while and cannot send any
   * when a worker becomes free. Each call doubles their number. Tasks that need exact times or cannot be sent again
   * stay in the queue. A process gets none, as it does not show which tasks it has started.
   */
  handOut(): void {
    if (this.waiting === 0 || !this.#hooks.eager) return;
    const { slots } = this.#hooks;
    this.#time = now();
    this.#ahead = Math.min(Math.max(1, 2 * this.#ahead), WINDOW);
    this.#hooks.grow(this.waiting);
    for (let sent = true; sent;) {
      sent = false;
      for (const slot of slots) {
        const work = this.next();
        if (work === undefined) break;
        if (!this.#takesMore(slot, work)) continue;
        this.#send(slot, work);
        sent = true;
      }
    }
    for (const slot of slots) slot.flush();
  }

  /** A worker is ready, so tasks that it was sent before count as sent now. */
  begin(slot: Slot): void {
    this.#time = now();
    for (const work of slot.sent.values()) work.sentAt = this.#time;
  }

  /**
   * Takes back the tasks that a worker has not started. Returns false if there are none, or if this cannot be known.
   */
  recall(slot: Slot): boolean {
    const unbegun = slot.handle.unbegun?.(slot.calls) ?? 0;
    // Settled jobs are about to be dropped together with their arguments.
    const returns = (work: Work) => work.state !== SENT || slot.mayReturn(work);
    if (unbegun === 0 || ![...slot.sent.values()].slice(-unbegun).every(returns)) return false;
    const count = slot.handle.recall?.(slot.calls) ?? 0;
    if (count === 0) return false;
    slot.calls -= count;
    slot.writer.record(op.RECALL);
    slot.flush();
    this.#retake(slot, [...slot.sent.values()].slice(-count));
    return true;
  }

  /** Handles the answer of a worker that was asked to give back the tasks it has not started. */
  recalled(slot: Slot, ids: ByteReader): void {
    if (!slot.asked) throw new MalformedMessage("Cannot take back tasks that were not asked for");
    const works = new Set<Work>();
    for (let left = ids.u32(); left > 0; left--) {
      const id = ids.u32();
      const work = slot.sent.get(id);
      if (work !== undefined) works.add(work);
      else if (!slot.dropped.delete(id)) throw new MalformedMessage("Cannot take back a task that was not sent");
    }
    slot.asked = false;
    slot.emptied = true;
    this.#retake(slot, [...works]);
  }

  #retake(slot: Slot, works: readonly Work[]): void {
    for (const work of works.toReversed()) {
      this.#forget(slot, work);
      if (work.state === SENT) this.putBack(work);
    }
  }

  /** Asks a worker to give back the tasks it has not started. The worker answers in a later turn of its loop. */
  #ask(slot: Slot): void {
    slot.asked = true;
    slot.writer.record(op.RECALL);
  }

  /**
   * Takes back a task that its worker has not started, and the tasks behind it, before the task is dropped. A process
   * that is not ready cannot be asked: the task counts as waiting again, and its signal keeps the process from starting
   * it.
   */
  takeBack(work: Work): void {
    const slot = work.slot!;
    if (slot.handle.recall !== undefined) {
      if (this.recall(slot)) this.#turn ??= this.#startTurn();
      return;
    }
    this.#forget(slot, work);
    slot.dropped.set(work.id, work);
    work.state = WAITING;
    work.slot = undefined;
    this.waiting++;
  }

  /** Takes back all tasks that can be taken back. */
  recallAll(): void {
    if (this.#stacked) { for (const slot of this.#hooks.slots) this.recall(slot); }
  }

  #forget(slot: Slot, work: Work): void {
    slot.sent.delete(work.id);
    this.#hooks.recalled(slot, work);
  }

  /** Writes the definition of a task for a worker that does not know it. */
  define(slot: Slot, { reference, definition }: KnownTask): void {
    if (slot.defined.has(reference)) return;
    slot.defined.add(reference);
    const record = slot.writer.record(op.DEFINE);
    record.u32(reference);
    writeAddress(record, addressOf(definition));
  }

  /** Starts a turn. All tasks of a turn share one reading of the clock. */
  #startTurn(): number {
    runtime.microtask(() => {
      this.#turn = undefined;
      releaseCaller();
      this.#wakeful = this.#hooks.eager;
      this.dispatch();
    });
    return now();
  }

  /** Sends one job to a worker that is free, or that is started for it. */
  #sendNow(): void {
    const { slots, grow } = this.#hooks;
    const work = this.next();
    if (work === undefined) return;
    this.#time = now();
    for (const slot of slots) if (slot.free) return this.#sendTo(slot);
    grow(this.waiting);
    for (const slot of slots) if (this.#takesEarly(slot, work)) return this.#sendTo(slot);
    this.#wakeful = false;
  }

  /** Sends waiting jobs to free workers. */
  #fill(): void {
    for (const slot of this.#hooks.slots) {
      for (let work = this.next(); work !== undefined && slot.free; work = this.next()) this.#send(slot, work);
    }
  }

  #sendTo(slot: Slot): void {
    const work = this.next();
    if (work === undefined) return;
    this.#send(slot, work);
    slot.flush();
  }

  /**
   * Whether a worker that is not ready may be sent a task. From a process the task could not be taken back if another
   * worker is ready first, so only the sole process of a pool gets tasks so early.
   */
  #takesEarly(slot: Slot, work: Work): boolean {
    if (slot.state !== STARTING || slot.sent.size >= slot.concurrency) return false;
    const { slots, single, maxTasksPerWorker } = this.#hooks;
    if (slot.assigned >= maxTasksPerWorker) return false;
    return single || (work.movable && (slot.handle.recall !== undefined || slots.length === 1));
  }

  /** Whether a worker is sent a task behind its running ones, as this thread is about to block. */
  #takesMore(slot: Slot, work: Work): boolean {
    if (slot.free) return true;
    const open = slot.state <= READY && slot.handle.recall !== undefined;
    return open && work.movable && slot.sent.size < slot.concurrency + this.#ahead && this.#mayStack(slot);
  }

  /**
   * Whether a worker may get another task behind others. The last task before its replacement is sent only when it is
   * free.
   */
  #mayStack(slot: Slot): boolean {
    return slot.assigned + 1 < this.#hooks.maxTasksPerWorker;
  }

  /**
   * Gives a free worker the tasks that wait at another worker, which is still starting or is slow with its running
   * task. That task may take longer than estimated, or wait for the very tasks behind it.
   */
  #rebalance(): void {
    const { slots } = this.#hooks;
    this.#stacked = false;
    let early = false;
    for (const slot of slots) {
      if (!slot.hasMore) continue;
      this.#stacked = true;
      if (slot.asked || slot.emptied || !slots.some((each) => each.free)) continue;
      if (slot.ready && this.#time! - slot.aheadAt < PATIENCE) early = true;
      else if (this.recall(slot)) this.#fill();
      else if (slot.ready && slot.handle.recall === undefined) this.#ask(slot);
    }
    if (early) this.#stopTimer ??= startTimer(PATIENCE, () => this.#look(), { unref: true });
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
    const { slots } = this.#hooks;
    const share = Math.ceil(this.waiting / (2 * Math.max(1, slots.length)));
    for (const slot of slots) {
      // Sending many tasks at a time is cheaper than sending few, so a worker with more than half of its allowed load
      // is skipped.
      if (slot.state !== READY || slot.asked || slot.load > AHEAD / 2) continue;
      for (let left = share; left > 0; left--) {
        const work = this.next();
        if (work === undefined) return;
        const { estimate } = work.task;
        if (estimate > SHORT || slot.load + estimate > AHEAD || slot.sent.size >= WINDOW || !work.plain) break;
        if (!this.#mayStack(slot)) break;
        this.#send(slot, work);
      }
    }
  }

  /** Sends the job at the head of the queue. */
  #send(slot: Slot, work: Work): void {
    this.#line.shift();
    this.waiting--;
    work.id = this.#lastId = (this.#lastId + ID_STEP) & LARGEST_ID;
    work.slot = slot;
    work.state = SENT;
    work.sentAt = this.#time;
    work.estimate = Math.min(work.task.estimate * (work.items || 1), 1e9);
    if (!slot.free) {
      this.#stacked = true;
      slot.aheadAt = this.#time!;
    }
    slot.calls++;
    slot.emptied = false;
    slot.load += work.estimate;
    slot.sent.set(work.id, work);
    this.define(slot, work.task);
    const record = slot.writer.record(op.CALL);
    record.u32(work.id);
    record.u32(work.task.reference);
    const { attempt, identity } = work;
    record.u8(
      (work.items > 0 ? op.FLAGS.chunk : 0) | (attempt > 1 ? op.FLAGS.repeated : 0) |
        (identity !== undefined ? op.FLAGS.named : 0) | (work.carries ? op.FLAGS.carries : 0),
    );
    if (attempt > 1) {
      record.u32(attempt);
      record.u32(work.attempts?.first ?? work.id);
    }
    if (identity !== undefined) record.string(identity.id);
    slot.writer.value(packetFor(work));
    this.#hooks.sending(slot, work);
  }
}
