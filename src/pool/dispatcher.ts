/**
 * Which task goes to which worker, and when.
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

/** A worker is sent tasks ahead only while all it has is likely to take less than this, in milliseconds. */
const AHEAD = 1;
/** How long a worker may take before what it has behind that is given to another, in milliseconds. */
const PATIENCE = 2;
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
  /** Whether workers may have tasks that they have not begun. */
  #stacked = false;
  /** Stops the timer of the next look at them. */
  #stopTimer: (() => void) | undefined;
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
   * The thread is about to block, or has blocked for a while: workers get tasks behind what they run, each time twice as many, as
   * nobody will send them more when they are free. Those that ask for exact times or cannot be sent again stay in the line.
   * A process gets none, as what it has begun cannot be known.
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

  /** A worker is ready, so that what it was sent before counts as sent now. */
  begin(slot: Slot): void {
    this.#time = now();
    for (const work of slot.sent.values()) work.sentAt = this.#time;
  }

  /** Takes back what a worker has not begun; false if there is nothing, or if this cannot be known. */
  recall(slot: Slot): boolean {
    const unbegun = slot.handle.unbegun?.(slot.calls) ?? 0;
    // Those that are settled are about to be dropped, and their arguments with them.
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

  /** A worker that was asked has given back what it has not begun. */
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

  /** Asks a worker to give back what it has not begun. It answers when its loop turns. */
  #ask(slot: Slot): void {
    slot.asked = true;
    slot.writer.record(op.RECALL);
  }

  /**
   * Takes a task back that its worker has not begun, as it is about to be dropped, and with it those behind it. A process that
   * is not ready cannot be asked: the task counts as waiting again, and its signal keeps the process from beginning it.
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

  /** Takes back all that can be taken back. */
  recallAll(): void {
    if (this.#stacked) { for (const slot of this.#hooks.slots) this.recall(slot); }
  }

  #forget(slot: Slot, work: Work): void {
    slot.sent.delete(work.id);
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
      releaseCaller();
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

  /** Sends what waits to the workers that are free. */
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
   * Whether a worker that is not ready may be sent a task. From a process it could not be taken back when another worker is
   * ready first, so that only the one that no other is beside gets tasks so early.
   */
  #takesEarly(slot: Slot, work: Work): boolean {
    if (slot.state !== STARTING || slot.sent.size >= slot.concurrency) return false;
    const { slots, single, maxTasksPerWorker } = this.#hooks;
    if (slot.assigned >= maxTasksPerWorker) return false;
    return single || (work.movable && (slot.handle.recall !== undefined || slots.length === 1));
  }

  /** Whether a worker is sent a task behind what it has, as the thread is about to block. */
  #takesMore(slot: Slot, work: Work): boolean {
    if (slot.free) return true;
    const open = slot.state <= READY && slot.handle.recall !== undefined;
    return open && work.movable && slot.sent.size < slot.concurrency + this.#ahead && this.#mayStack(slot);
  }

  /** Whether a worker may get another task behind others. Its last one is sent when it is free, as it takes nothing more then. */
  #mayStack(slot: Slot): boolean {
    return slot.assigned + 1 < this.#hooks.maxTasksPerWorker;
  }

  /**
   * A free worker gets what waits at another one that is still starting, or that does not get on with what it runs: that may
   * take longer than was thought, or wait for just the tasks behind it.
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
   * Sends short tasks to workers that are not free yet, so that these need not wait for the loop of the program. Each
   * worker gets its share of half of what waits (guided self-scheduling; Polychronopoulos and Kuck 1987), so that the
   * last tasks are still there for whoever is free first.
   */
  #sendAhead(): void {
    const { slots } = this.#hooks;
    const share = Math.ceil(this.waiting / (2 * Math.max(1, slots.length)));
    for (const slot of slots) {
      // Many tasks at a time are cheaper to send than few, so a worker that still has half of what it may is left alone.
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

  /** Sends the work at the head of the line. */
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
