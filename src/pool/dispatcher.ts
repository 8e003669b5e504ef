/**
 * Which task goes to which worker, and when.
 *
 * @module
 */

import { PriorityLine } from "../core/priority_line.ts";
import { now } from "../time/system_clock.ts";
import * as op from "../wire/message.ts";
import type { KnownTask } from "./known_task.ts";
import { packetFor } from "./endings.ts";
import { READY, type Slot } from "./slot.ts";
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

/** What the dispatcher asks of the engine. */
export interface DispatchHooks {
  /** All workers that are not gone. */
  readonly slots: readonly Slot[];
  readonly maxTasksPerWorker: number;
  /** Starts the workers that `waiting` tasks need. */
  grow(waiting: number): void;
  /** A task is about to be sent. */
  sending(slot: Slot, work: Work): void;
}

/** The waiting line of a pool, and the way from it to the workers. */
export class Dispatcher {
  readonly #hooks: DispatchHooks;
  readonly #line = new PriorityLine<Work>();
  #lastId = 0;
  #turn: number | undefined;
  /** When tasks are being sent: all that go at once share one look at the clock. */
  #time: number | undefined;
  /** How many tasks wait. */
  waiting = 0;

  constructor(hooks: DispatchHooks) {
    this.#hooks = hooks;
  }

  /** Puts work at the end of the line. What is submitted in one turn travels together. */
  enqueue(work: Work): void {
    this.#turn ??= this.#startTurn();
    work.submittedAt = this.#turn;
    this.#line.push(work, work.options.priority ?? 0);
    this.waiting++;
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
    if (this.waiting === 0) return;
    const { slots } = this.#hooks;
    this.#time = now();
    for (const slot of slots) {
      for (let work = this.next(); work !== undefined && slot.free; work = this.next()) this.#send(slot, work);
    }
    this.#hooks.grow(this.waiting);
    if (this.waiting > 0) this.#sendAhead();
    for (const slot of slots) slot.flush();
  }

  /** Writes the record of a task for a worker that does not know it. */
  define(slot: Slot, { reference, definition }: KnownTask): void {
    if (slot.defined.has(reference)) return;
    slot.defined.add(reference);
    const { url, name, source } = definition;
    const record = slot.writer.record(op.DEFINE);
    record.u32(reference);
    record.string(url);
    record.string(name);
    record.u8(source === undefined ? 0 : 1);
    if (source !== undefined) record.string(source);
  }

  /** All tasks of a turn share one look at the clock. */
  #startTurn(): number {
    queueMicrotask(() => {
      this.#turn = undefined;
      this.dispatch();
    });
    return now();
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
    slot.load += work.estimate;
    slot.sent.set(work.id, work);
    this.define(slot, work.task);
    const record = slot.writer.record(op.CALL);
    record.u32(work.id);
    record.u32(work.task.reference);
    const attempt = work.attempts?.number ?? 1;
    record.u8((work.items > 0 ? op.FLAGS.chunk : 0) | (attempt > 1 ? op.FLAGS.repeated : 0));
    if (attempt > 1) record.u32(attempt);
    slot.writer.value(packetFor(work));
    this.#hooks.sending(slot, work);
  }
}
