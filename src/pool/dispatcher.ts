/**
 * Which task goes to which worker, and when.
 *
 * @module
 */

import { PriorityLine } from "../core/priority_line.ts";
import { addressOf } from "../task/task.ts";
import { runtime } from "../runtime/mod.ts";
import { now } from "../time/system_clock.ts";
import * as op from "../wire/message.ts";
import { writeAddress } from "../worker/function_loader.ts";
import type { KnownTask } from "./known_task.ts";
import { packetFor } from "./endings.ts";
import { READY, type Slot, STARTING } from "./slot.ts";
import { SENT, WAITING, type Work } from "./work.ts";

/** A worker is sent tasks ahead only while all it has is likely to take less than this, in milliseconds. */
const AHEAD = 1;
/** Only tasks that are likely to take less than this are sent ahead. */
const SHORT = 0.1;
/** Numbers of tasks are small integers to all engines. */
const LARGEST_ID = 2 ** 30 - 1;
/** They lie far apart, so that one that was garbled on its way is not that of another task. Odd, so that all of them come. */
const ID_STEP = 0x2545_f491;
/** How many tasks a worker may have been sent. */
const WINDOW = 1024;

/** After so many tasks of one turn those that wait are looked at, so that workers need not wait for a long turn to end. */
const LOOK = 64;

/** What the dispatcher asks of the engine. */
export interface DispatchHooks {
  /** All workers that are not gone. */
  readonly slots: readonly Slot[];
  readonly maxTasksPerWorker: number;
  /** Whether tasks are sent before their caller yields: not where they run in its loop. */
  readonly eager: boolean;
  /** Whether there is one worker for one task: if it is lost, so is the task. */
  readonly single: boolean;
  /** Starts the workers that `waiting` tasks need. */
  grow(waiting: number): void;
  /** A task is about to be sent. */
  sending(slot: Slot, work: Work): void;
  /** A task that a worker was sent, and has not begun, is taken from it. */
  recalled(slot: Slot, work: Work): void;
}

/** The waiting line of a pool, and the way from it to the workers. */
export class Dispatcher {
  readonly #hooks: DispatchHooks;
  readonly #line = new PriorityLine<Work>();
  #lastId = 0;
  #turn: number | undefined;
  /** When tasks are being sent: all that go at once share one look at the clock. */
  #time: number | undefined;
  /** Whether a worker may be free, or be started, for the next task that is submitted. */
  #wakeful: boolean;
  #submitted = 0;
  /** How many tasks workers may have beyond those they run, while the thread blocks. */
  #ahead = 0;
  /** How many tasks are at workers that are not ready. */
  #early = 0;
  /** How many tasks wait. */
  waiting = 0;

  constructor(hooks: DispatchHooks) {
    this.#hooks = hooks;
    this.#wakeful = hooks.eager;
  }

  /**
   * Puts work at the end of the line. It leaves at once if a worker is free, as its caller may compute or block for as long as
   * it likes; everything else that is submitted in one turn travels together.
   */
  enqueue(work: Work): void {
    this.#turn ??= this.#startTurn();
    work.submittedAt = this.#turn;
    this.#line.push(work, work.options.priority ?? 0);
    this.waiting++;
    if (this.#wakeful) this.#sendNow();
    else if (++this.#submitted % LOOK === 0 && this.#hooks.eager) this.dispatch();
  }

  /** Puts work that was sent and not started back where it came from. */
  putBack(work: Work): void {
    work.state = WAITING;
    work.slot = undefined;
    work.stopTimer?.();
    this.#line.unshift(work, work.options.priority ?? 0);
    this.waiting++;
  }

  /** Forgets work that waits; its place is passed over when its turn comes. The caller settles it at once. */
  leave(): void {
    this.waiting--;
  }

  /** The work whose turn it is. */
  next(): Work | undefined {
    for (;;) {
      const work = this.#line.peek();
      if (work === undefined || work.state === WAITING) return work;
      this.#line.shift();
    }
  }

  /** All that waits, in its order. Whoever goes through it settles or cancels each. */
  *line(): Generator<Work> {
    for (let work = this.next(); work !== undefined; work = this.next()) yield work;
  }

  /** Sends what can be sent. */
  dispatch(): void {
    this.#ahead = 0;
    if (this.waiting === 0 && this.#early === 0) return;
    const { slots } = this.#hooks;
    this.#time = now();
    for (const slot of slots) {
      for (let work = this.next(); work !== undefined && slot.free; work = this.next()) this.#send(slot, work);
      if (this.waiting === 0 && this.#early > 0) this.#relieve(slot);
    }
    this.#hooks.grow(this.waiting);
    if (this.waiting > 0) this.#sendAhead();
    for (const slot of slots) slot.flush();
  }

  /**
   * The thread is about to block, or has blocked for a while: workers get tasks behind what they run, each time twice as many, as
   * nobody will send them more when they are free. Those that ask for exact times or cannot be sent again stay in the line.
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

  /** A worker is ready, so that what it was sent before is in progress, or it is gone. */
  noLongerEarly(slot: Slot): void {
    this.#early -= slot.sent.size;
    this.#time = now();
    for (const work of slot.sent.values()) work.sentAt = this.#time;
  }

  /** Takes back what a worker was sent before it was ready; false if it has begun that, or if this cannot be known. */
  recall(slot: Slot): boolean {
    if (slot.state !== STARTING || slot.recalled || slot.begun || slot.handle.recall === undefined) return false;
    slot.begun = !slot.handle.recall();
    if (slot.begun) return false;
    slot.recalled = true;
    for (const work of [...slot.sent.values()].reverse()) {
      this.#forget(slot, work);
      if (work.state === SENT) this.putBack(work);
    }
    return true;
  }

  /**
   * Takes one task back from a worker that is not ready, as it is about to be dropped. A process cannot be asked whether it has
   * begun: the task counts as waiting again, and its signal keeps the process from beginning it.
   */
  takeBack(work: Work): void {
    const slot = work.slot!;
    if (this.recall(slot) || slot.handle.recall !== undefined) return;
    this.#forget(slot, work);
    slot.dropped.set(work.id, work);
    work.state = WAITING;
    work.slot = undefined;
    this.waiting++;
  }

  /** Takes back all that can be taken back. */
  recallAll(): void {
    if (this.#early > 0) { for (const slot of this.#hooks.slots) this.recall(slot); }
  }

  #forget(slot: Slot, work: Work): void {
    if (slot.sent.delete(work.id)) this.#early--;
    this.#hooks.recalled(slot, work);
  }

  /** Writes the record of a task for a worker that does not know it. */
  define(slot: Slot, { reference, definition }: KnownTask): void {
    if (slot.defined.has(reference)) return;
    slot.defined.add(reference);
    const record = slot.writer.record(op.DEFINE);
    record.u32(reference);
    writeAddress(record, addressOf(definition));
  }

  /** All tasks of a turn share one look at the clock. */
  #startTurn(): number {
    runtime.microtask(() => {
      this.#turn = undefined;
      this.#wakeful = this.#hooks.eager;
      this.dispatch();
    });
    return now();
  }

  /** Sends one task to a worker that is free, or that is started for it. */
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

  #sendTo(slot: Slot): void {
    const work = this.next();
    if (work === undefined) return;
    this.#send(slot, work);
    slot.flush();
  }

  /**
   * Whether a worker that is not ready may be sent a task. From a process it could not be taken back when another worker is
   * ready first, so that only the one that no other is beside gets tasks so early.
   */
  #takesEarly(slot: Slot, work: Work): boolean {
    if (slot.state !== STARTING || slot.recalled || slot.sent.size >= slot.concurrency) return false;
    const { slots, single, maxTasksPerWorker } = this.#hooks;
    if (slot.assigned >= maxTasksPerWorker) return false;
    return single || (work.movable && (slot.handle.recall !== undefined || slots.length === 1));
  }

  /** Whether a worker is sent a task behind what it has, as the thread is about to block. */
  #takesMore(slot: Slot, work: Work): boolean {
    if (slot.free) return true;
    const open = slot.state === READY || (slot.state === STARTING && !slot.recalled);
    return open && work.movable && slot.sent.size < slot.concurrency + this.#ahead &&
      slot.assigned < this.#hooks.maxTasksPerWorker;
  }

  /** A free worker gets what waits at one that is still starting. */
  #relieve(slot: Slot): void {
    while (slot.free && this.#hooks.slots.some((each) => each.sent.size > 0 && this.recall(each))) {
      for (let work = this.next(); work !== undefined && slot.free; work = this.next()) this.#send(slot, work);
    }
  }

  /**
   * Sends short tasks to workers that are not free yet, so that these need not wait for the loop of the program. Each
   * worker gets its share of half of what waits (guided self-scheduling; Polychronopoulos and Kuck 1987), so that the
   * last tasks are still there for whoever is free first.
   */
  #sendAhead(): void {
    const { slots, maxTasksPerWorker } = this.#hooks;
    const share = Math.ceil(this.waiting / (2 * Math.max(1, slots.length)));
    for (const slot of slots) {
      // Many tasks at a time are cheaper to send than few, so a worker that still has half of what it may is left alone.
      if (slot.state !== READY || slot.load > AHEAD / 2) continue;
      for (let left = share; left > 0; left--) {
        const work = this.next();
        if (work === undefined) return;
        const { estimate } = work.task;
        if (estimate > SHORT || slot.load + estimate > AHEAD || slot.sent.size >= WINDOW || !work.plain) break;
        if (slot.assigned >= maxTasksPerWorker) break;
        this.#send(slot, work);
      }
    }
  }

  /** Sends the work at the head of the line. */
  #send(slot: Slot, work: Work): void {
    this.#line.shift();
    this.waiting--;
    work.id = this.#lastId = (this.#lastId + ID_STEP) & LARGEST_ID;
    work.slot = slot;
    work.state = SENT;
    work.sentAt = this.#time;
    work.estimate = Math.min(work.task.estimate * (work.items || 1), 1e9);
    const early = slot.state === STARTING;
    if (early) this.#early++;
    slot.load += work.estimate;
    slot.sent.set(work.id, work);
    this.define(slot, work.task);
    const record = slot.writer.record(op.CALL);
    record.u32(work.id);
    record.u32(work.task.reference);
    const attempt = work.attempts?.number ?? 1;
    const { chunk, repeated, early: sentEarly } = op.FLAGS;
    record.u8((work.items > 0 ? chunk : 0) | (attempt > 1 ? repeated : 0) | (early ? sentEarly : 0));
    if (attempt > 1) record.u32(attempt);
    slot.writer.value(packetFor(work));
    this.#hooks.sending(slot, work);
  }
}
