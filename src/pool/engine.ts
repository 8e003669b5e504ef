/**
 * The engine of all pools: takes work, gives it to workers, and settles its futures.
 *
 * See `README.md` beside this file for the way of a task through it. This file holds the way of the tasks; `crew.ts`
 * holds the life of the workers.
 *
 * @module
 */

import {
  BrokenExecutorError,
  InvalidStateError,
  RejectedError,
  TimeoutError,
  type WorkerLostError,
} from "../core/errors.ts";
import { PriorityLine } from "../core/priority_line.ts";
import type { ExecutorStats, ShutdownOptions, SubmitOptions } from "../futures/executor.ts";
import { fulfil, markCancelled, reject, reportProgress, whenObserved } from "../futures/future.ts";
import type { Outcome } from "../futures/results.ts";
import { runtime } from "../runtime/mod.ts";
import type { Definition } from "../task/task.ts";
import { now, startTimer } from "../time/system_clock.ts";
import { type Channel, ValueEncoder } from "../wire/encoder.ts";
import * as op from "../wire/message.ts";
import type { IncomingMessage } from "../wire/message.ts";
import { detach } from "../wire/transfer.ts";
import { appendCaller, type Caller } from "./caller.ts";
import { Crew } from "./crew.ts";
import type { ExecutorEvents } from "./events.ts";
import { KnownTask } from "./known_task.ts";
import { Learner } from "./learner.ts";
import { Meter } from "./meter.ts";
import type { Settings } from "./options.ts";
import { SignalGroup } from "./signal_group.ts";
import { READY, type Slot, type StartWorker } from "./slot.ts";
import { SENT, SETTLED, WAITING, Work } from "./work.ts";

/** A worker is sent tasks ahead only while all it has is likely to take less than this, in milliseconds. */
const AHEAD = 1;
/** Only tasks that are likely to take less than this are sent ahead. */
const SHORT = 0.1;
/** How many tasks a worker may have been sent. */
const WINDOW = 1024;

/** Announces an event; false if nobody listens. */
export type Announce = <K extends keyof ExecutorEvents>(type: K, detail: () => ExecutorEvents[K]) => boolean;

/** What a pool asks of its engine when it submits. */
export interface Submission {
  readonly definition: Definition;
  /** The arguments, or for a chunk a list of them. */
  readonly args: unknown[];
  readonly options: SubmitOptions;
  /** How many items a chunk has; undefined for a single task. */
  readonly items: number | undefined;
  readonly caller: Caller | undefined;
}

/** Runs the tasks of one pool. */
export class Engine {
  readonly #settings: Settings;
  readonly #announce: Announce;
  readonly #encoder: ValueEncoder;
  readonly #line = new PriorityLine<Work>();
  readonly #tasks = new Map<unknown, KnownTask>();
  readonly #recognized = new WeakMap<Definition, KnownTask>();
  readonly #definitions: Definition[] = [];
  readonly #meter = new Meter();
  readonly #crew: Crew;
  readonly #learner: Learner | undefined;
  readonly #signals: SignalGroup<Work>;
  #sent = 0;
  #nextId = 1;
  #turn: number | undefined;
  #closed: Promise<void> | undefined;
  #broken: { readonly message: string; readonly cause: unknown } | undefined;

  constructor(settings: Settings, channel: Channel, start: StartWorker, announce: Announce) {
    this.#settings = settings;
    this.#announce = announce;
    this.#encoder = new ValueEncoder(channel);
    this.#learner = settings.concurrency === "auto" ? new Learner() : undefined;
    this.#signals = new SignalGroup((work, reason) => this.abort(work, reason));
    this.#crew = new Crew(settings, start, announce, {
      message: (slot, message) => this.#receive(slot, message),
      ready: () => this.#dispatch(),
      lost: (slot, error, unexpected) => this.#workerGone(slot, error, unexpected),
      broken: (message, cause) => this.#break(message, cause),
      setup: (slot) => this.#writeSetup(slot),
      demand: () => this.#meter.waiting,
      tasks: this.#definitions,
    });
  }

  /** Takes a task. */
  submit(submission: Submission): Work {
    if (this.#broken !== undefined) throw this.#brokenError();
    if (this.#closed !== undefined) {
      throw new InvalidStateError(`Cannot submit to ${this.#settings.name} after its shutdown`);
    }
    const { definition, args, options, items, caller } = submission;
    const work = new Work(this, this.#known(definition), options, items ?? 0, caller);
    if (options.signal?.aborted) {
      this.#drop(work, options.signal.reason);
      return work;
    }
    try {
      work.packet = this.#encoder.encode(args, "args");
    } catch (error) {
      this.#settle(work, { error });
      return work;
    }
    if (items === undefined && this.#full && !this.#takeOverflow(work, definition, args)) return work;
    if (work.packet.moved.length > 0) detach(work.packet.moved, work.packet.attachments);
    this.#enqueue(work);
    return work;
  }

  /** How long a task is likely to take, in milliseconds; undefined if that is not known. */
  estimate(definition: Definition): number | undefined {
    const { estimate } = this.#known(definition);
    return estimate === Infinity ? undefined : estimate;
  }

  /** Whether as many tasks wait as may. */
  get #full(): boolean {
    const { queueLimit, maxWorkers } = this.#settings;
    return this.#meter.waiting + this.#sent >= queueLimit + maxWorkers * this.#concurrency;
  }

  get #concurrency(): number {
    return this.#learner?.concurrency ?? this.#settings.concurrency as number;
  }

  /** Drops work that waits. */
  cancel(work: Work): boolean {
    if (work.state !== WAITING) return false;
    this.#leave(work);
    this.#meter.cancelled++;
    markCancelled(work.future);
    this.#ended(work, undefined);
    return true;
  }

  /** Climbs the ladder: drop, signal, replace. */
  abort(work: Work, reason: unknown): void {
    if (work.state === WAITING) return this.#drop(work, reason);
    if (work.state === SETTLED || work.aborted !== undefined) return;
    const slot = work.slot!;
    slot.writer.record(op.ABORT).u32(work.id);
    slot.writer.value(this.#encodeReason(reason));
    slot.flush();
    if (!slot.isRunning(work)) return this.#drop(work, reason);
    work.aborted = { reason };
    work.stopTimer?.();
    const grace = work.options.grace ?? this.#settings.grace;
    work.stopTimer = startTimer(grace, () => this.#replaceWorkerOf(work, reason));
  }

  /** Stops taking work. */
  shutdown({ wait = true, cancelFutures = false }: ShutdownOptions): Promise<void> {
    if (cancelFutures) {
      for (let work = this.#next(); work !== undefined; work = this.#next()) {
        this.#line.shift();
        this.cancel(work);
      }
    }
    this.#closed ??= this.#crew.close();
    this.#updateCrew();
    return wait ? this.#closed : Promise.resolve();
  }

  /** Returns a snapshot of counters and times. */
  stats(): ExecutorStats {
    let running = 0;
    for (const slot of this.#crew.slots) running += Math.min(slot.sent.size, slot.concurrency);
    const stats = this.#meter.stats(this.#crew.count(), running);
    return { ...stats, waiting: stats.waiting + this.#sent - running, restarts: this.#crew.restarts };
  }

  /** Starts the workers that are kept. */
  open(): void {
    if (this.#settings.minWorkers > 0) this.#crew.grow(0);
  }

  /** Equal tasks are one: a program may make the same inline task or handle again and again. */
  #known(definition: Definition): KnownTask {
    let task = this.#recognized.get(definition);
    if (task !== undefined) return task;
    const { url, name, source } = definition;
    const key = this.#settings.here ? definition : source ?? `${url}\n${name}`;
    task = this.#tasks.get(key);
    if (task === undefined) {
      this.#definitions.push(definition);
      this.#tasks.set(key, task = new KnownTask(this.#definitions.length, definition));
    }
    this.#recognized.set(definition, task);
    return task;
  }

  /** Deals with a task beyond the limit; true if it may wait all the same. */
  #takeOverflow(work: Work, definition: Definition, args: unknown[]): boolean {
    const { overflow, queueLimit, name } = this.#settings;
    if (overflow === "wait") return true;
    if (overflow === "reject") {
      this.#settle(work, { error: new RejectedError(`Cannot take the task: ${name} has ${queueLimit} waiting`) });
    } else {
      this.#runHere(work, definition, args);
    }
    return false;
  }

  async #runHere(work: Work, definition: Definition, args: unknown[]): Promise<void> {
    work.state = SETTLED;
    try {
      const fn = definition.fn ?? (await import(definition.url))[definition.name];
      this.#settle(work, { value: await fn(...args) });
    } catch (error) {
      this.#settle(work, { error });
    }
  }

  #enqueue(work: Work): void {
    this.#turn ??= this.#startTurn();
    work.submittedAt = this.#turn;
    this.#line.push(work, work.options.priority ?? 0);
    this.#meter.waiting++;
    this.#signals.add(work.options.signal, work);
    this.#crew.setActive(true);
  }

  /** What is submitted in one turn travels together, and shares one look at the clock. */
  #startTurn(): number {
    queueMicrotask(() => {
      this.#turn = undefined;
      this.#dispatch();
    });
    return now();
  }

  /** The work whose turn it is; what was dropped while it waited is passed over. */
  #next(): Work | undefined {
    for (;;) {
      const work = this.#line.peek();
      if (work === undefined || work.state === WAITING) return work;
      this.#line.shift();
    }
  }

  #dispatch(): void {
    if (this.#meter.waiting === 0) return;
    const slots = this.#crew.slots;
    for (const slot of slots) {
      for (let work = this.#next(); work !== undefined && slot.free; work = this.#next()) this.#send(slot, work);
    }
    this.#crew.grow(this.#meter.waiting);
    if (this.#meter.waiting > 0) this.#sendAhead();
    for (const slot of slots) slot.flush();
  }

  /**
   * Sends short tasks to workers that are not free yet, so that these need not wait for the loop of the program. Each
   * worker gets its share of half of what waits (guided self-scheduling; Polychronopoulos and Kuck 1987), so that the
   * last tasks are still there for whoever is free first.
   */
  #sendAhead(): void {
    const slots = this.#crew.slots;
    const share = Math.ceil(this.#meter.waiting / (2 * Math.max(1, slots.length)));
    for (const slot of slots) {
      // Many tasks at a time are cheaper to send than few, so a worker that still has half of what it may is left alone.
      if (slot.state !== READY || slot.load > AHEAD / 2) continue;
      for (let left = share; left > 0; left--) {
        const work = this.#next();
        if (work === undefined) return;
        const { estimate } = work.task;
        if (estimate > SHORT || slot.load + estimate > AHEAD || slot.sent.size >= WINDOW || !work.plain) break;
        if (slot.assigned >= this.#settings.maxTasksPerWorker) break;
        this.#send(slot, work);
      }
    }
  }

  #send(slot: Slot, work: Work): void {
    this.#line.shift();
    this.#meter.waiting--;
    this.#sent++;
    const { writer } = slot;
    const { reference } = work.task;
    if (!slot.defined.has(reference)) this.#define(slot, work.task);
    work.id = this.#nextId = (this.#nextId + 1) >>> 0;
    work.slot = slot;
    work.state = SENT;
    work.sentAt = now();
    work.estimate = Math.min(work.task.estimate * (work.items || 1), 1e9);
    slot.load += work.estimate;
    slot.sent.set(work.id, work);
    this.#meter.queueTime.record(work.sentAt - work.submittedAt);
    const record = writer.record(op.CALL);
    record.u32(work.id);
    record.u32(reference);
    record.u8(work.items > 0 ? 1 : 0);
    writer.value(work.packet!);
    this.#crew.assigned(slot);
    if (work.options.timeout !== undefined) this.#limit(work, work.options.timeout);
    this.#announce("taskstart", () => ({ task: work.task.definition.name, workerId: slot.id }));
    runtime.publish("heddle:task", () => ({ type: "start", task: work.task.definition.name, workerId: slot.id }));
  }

  #limit(work: Work, timeout: number): void {
    work.stopTimer = startTimer(timeout, () => {
      const { name } = work.task.definition;
      this.abort(work, new TimeoutError(`Cannot go on with task '${name}': its time limit is ${timeout} ms`));
    });
  }

  #define(slot: Slot, task: KnownTask): void {
    slot.defined.add(task.reference);
    const { url, name, source } = task.definition;
    const record = slot.writer.record(op.DEFINE);
    record.u32(task.reference);
    record.string(url);
    record.string(name);
    record.u8(source === undefined ? 0 : 1);
    if (source !== undefined) record.string(source);
  }

  #writeSetup(slot: Slot): void {
    const { initializer, initArgs, maxMemoryBytes, name } = this.#settings;
    slot.concurrency = this.#concurrency;
    const record = slot.writer.record(op.SETUP);
    record.u32(slot.id);
    record.u32(slot.concurrency);
    record.u8(maxMemoryBytes === Infinity ? 0 : 1);
    record.string(name);
    const task = initializer && this.#known(initializer);
    record.u32(task?.reference ?? 0);
    slot.writer.value(this.#encoder.encode(initArgs, "initArgs"));
    if (task !== undefined) this.#define(slot, task);
  }

  #receive(slot: Slot, message: IncomingMessage): void {
    const { reader } = message;
    while (message.more) {
      const operation = reader.u8();
      switch (operation) {
        case op.DONE:
        case op.FAILED:
        case op.CHUNK_DONE:
          this.#answer(slot, message, operation);
          break;
        case op.PROGRESS: {
          const work = slot.sent.get(reader.u32());
          const value = message.value();
          if (work !== undefined) reportProgress(work.future, value);
          break;
        }
        case op.FAULT:
          this.#fault(slot, message.value());
          break;
        default:
          this.#crew.control(slot, operation, message);
      }
    }
    this.#crew.relieve(slot);
    this.#dispatch();
    this.#updateCrew();
  }

  /** A worker has ended a task. */
  #answer(slot: Slot, message: IncomingMessage, operation: number): void {
    const { reader } = message;
    const work = slot.sent.get(reader.u32());
    const runTime = reader.f64();
    const heldTime = reader.f64();
    const syncTime = reader.f64();
    const outcome = operation === op.CHUNK_DONE ? readChunk(message) : readOutcome(message, operation);
    if (work === undefined) return;
    slot.sent.delete(work.id);
    slot.left = false;
    slot.load = slot.sent.size === 0 ? 0 : slot.load - work.estimate;
    this.#sent--;
    this.#crew.proved(slot);
    work.task.learn(runTime / (work.items || 1));
    if (this.#learner?.learn(runTime, syncTime)) this.#spreadConcurrency();
    this.#meter.runTime.record(runTime);
    this.#meter.transferTime.record(Math.max(0, now() - work.sentAt - heldTime));
    // A task that hears its signal and throws has done as it was told.
    if ("error" in outcome && work.aborted !== undefined) this.#settle(work, { error: work.aborted.reason });
    else this.#settle(work, outcome);
  }

  /** Settles the future of work that is no longer in the line; the last thing that ever happens to it. */
  #settle(work: Work, outcome: Outcome): void {
    if (work.future.done) return;
    work.state = SETTLED;
    if ("value" in outcome) {
      this.#meter.completed++;
      fulfil(work.future, outcome.value);
      this.#ended(work, undefined);
      return;
    }
    const { error } = outcome;
    this.#meter.failed++;
    if (error !== work.aborted?.reason) appendCaller(error, work.caller);
    if (!reject(work.future, error)) this.#countUnobserved(work, error);
    this.#ended(work, error);
  }

  #ended(work: Work, error: unknown): void {
    const workerId = work.slot?.id;
    this.#signals.delete(work.options.signal, work);
    work.stopTimer?.();
    work.stopTimer = undefined;
    work.packet = undefined;
    this.#announce("taskend", () => ({ task: work.task.definition.name, workerId, error }));
    runtime.publish("heddle:task", () => ({ type: "end", task: work.task.definition.name, workerId, error }));
  }

  #countUnobserved(work: Work, error: unknown): void {
    this.#meter.unobserved++;
    let seen = false;
    whenObserved(work.future, () => {
      seen = true;
      this.#meter.unobserved--;
    });
    runtime.defer(() => {
      if (!seen) this.#announce("unobserved", () => ({ task: work.task.definition.name, error }));
    });
  }

  /** Ends work that no worker has started. */
  #drop(work: Work, reason: unknown): void {
    if (work.state === WAITING && work.packet !== undefined) this.#leave(work);
    work.state = SETTLED;
    this.#meter.cancelled++;
    if (!reject(work.future, reason)) this.#countUnobserved(work, reason);
    this.#ended(work, reason);
  }

  /** Takes work out of the line; its place is passed over when its turn comes. */
  #leave(work: Work): void {
    work.state = SETTLED;
    this.#meter.waiting--;
    this.#updateCrew();
  }

  /** The grace is over and the task has not ended: its future settles, and its worker goes. */
  #replaceWorkerOf(work: Work, reason: unknown): void {
    const slot = work.slot!;
    const alone = slot.sent.size === 1 || slot.concurrency === 1;
    this.#settle(work, { error: reason });
    if (alone) this.#crew.kill(slot);
    else this.#crew.killWhenAlone(slot, this.#settings.grace);
  }

  #fault(slot: Slot, error: unknown): void {
    const heard = this.#announce("error", () => ({ error, workerId: slot.id }));
    if (!heard) runtime.printError(error);
  }

  /** A worker is gone: what it was running is lost, what it had not started goes back to the front of the line. */
  #workerGone(slot: Slot, error: (task: string) => WorkerLostError | BrokenExecutorError, unexpected: boolean): void {
    const { started, rest } = slot.split();
    slot.sent.clear();
    this.#sent -= started.length + rest.length;
    for (const work of rest.reverse()) {
      if (work.state !== SENT) continue;
      work.state = WAITING;
      work.slot = undefined;
      work.stopTimer?.();
      this.#meter.waiting++;
      this.#line.unshift(work, work.options.priority ?? 0);
    }
    for (const work of started) {
      if (work.state !== SENT) continue;
      if (work.aborted !== undefined) {
        this.#settle(work, { error: work.aborted.reason });
        continue;
      }
      this.#meter.lost++;
      this.#settle(work, { error: error(work.task.definition.name) });
    }
    if (unexpected && this.#settings.onWorkerLost === "break") {
      this.#break("one of its workers died", error("unknown"));
    }
    this.#dispatch();
    this.#updateCrew();
  }

  #break(message: string, cause: unknown): void {
    if (this.#broken !== undefined) return;
    this.#broken = { message, cause };
    for (let work = this.#next(); work !== undefined; work = this.#next()) {
      this.#line.shift();
      this.#meter.waiting--;
      this.#settle(work, { error: this.#brokenError() });
    }
    for (const slot of [...this.#crew.slots]) {
      for (const work of [...slot.sent.values()]) {
        if (work.state === SENT) this.#settle(work, { error: this.#brokenError() });
      }
    }
    this.#crew.killAll();
    this.#updateCrew();
  }

  #brokenError(): BrokenExecutorError {
    const { message, cause } = this.#broken!;
    return new BrokenExecutorError(`Cannot go on with ${this.#settings.name}: ${message}`, { cause });
  }

  #spreadConcurrency(): void {
    for (const slot of this.#crew.slots) {
      slot.concurrency = this.#concurrency;
      slot.writer.record(op.CONCURRENCY).u32(slot.concurrency);
    }
  }

  #updateCrew(): void {
    this.#crew.setActive(this.#meter.waiting + this.#sent > 0);
  }

  #encodeReason(reason: unknown): ReturnType<ValueEncoder["encode"]> {
    try {
      return this.#encoder.encode(reason, "reason");
    } catch {
      return this.#encoder.encode(new DOMException(String(reason), "AbortError"), "reason");
    }
  }
}

function readOutcome(message: IncomingMessage, operation: number): Outcome {
  try {
    const value = message.value();
    return operation === op.DONE ? { value } : { error: value };
  } catch (error) {
    return { error };
  }
}

function readChunk(message: IncomingMessage): Outcome {
  try {
    const outcomes: Outcome[] = [];
    for (let left = message.reader.u32(); left > 0; left--) outcomes.push({ value: message.value() });
    if (message.reader.u8() === 1) outcomes.push({ error: message.value() });
    return { value: outcomes };
  } catch (error) {
    return { error };
  }
}
