/**
 * The engine of all pools: accepts jobs, sends them to workers, and settles their futures.
 *
 * `README.md` beside this file describes the way of a task through the pool. This file moves the jobs; `crew.ts`
 * supervises the workers.
 *
 * Longer than other files by a few lines, as all parts of a pool meet here.
 *
 * @module
 */

import type { BrokenExecutorError, WorkerLostError } from "../core/errors.ts";
import { withoutFrames } from "../core/frames.ts";
import type { ExecutorStats, ShutdownOptions } from "../futures/executor.ts";
import { type FutureSource, reportProgress } from "../futures/future.ts";
import type { Outcome } from "../futures/results.ts";
import type { Dropped, Host, Reservation, Revoked } from "../futures/reservation.ts";
import type { UnobservedFailures } from "../futures/unobserved.ts";
import { runtime } from "../runtime/mod.ts";
import type { Definition } from "../task/task.ts";
import { now, systemClock } from "../time/system_clock.ts";
import type { Channel } from "../wire/baggage.ts";
import { ValueEncoder } from "../wire/encoder.ts";
import * as op from "../wire/message.ts";
import { type IncomingMessage, MalformedMessage } from "../wire/message.ts";
import { Exports } from "../wire/references.ts";
import { detach } from "../wire/transfer.ts";
import { Admission } from "./admission.ts";
import { readError, readOutcome, readValue } from "./answer.ts";
import type { BreakReason } from "./break_reason.ts";
import { Crew } from "./crew.ts";
import { Dispatcher } from "./dispatcher.ts";
import { cancelAll, interruptAll, type Parts, rejectAll } from "./end_all.ts";
import type { Announce } from "./events.ts";
import { Ledger } from "./ledger.ts";
import { overflow } from "./overflow.ts";
import type { Settings } from "./options.ts";
import { type HowToAbort, Ladder } from "./ladder.ts";
import { Places } from "./places.ts";
import { Endings } from "./endings.ts";
import { SignalGroup } from "../core/signal_group.ts";
import { Reservations } from "./reservations.ts";
import { setUp } from "./setup.ts";
import { statsOf } from "./stats.ts";
import type { Slot, StartWorker } from "./slot.ts";
import type { Submission } from "./submission.ts";
import { TaskBook } from "./task_book.ts";
import { TimeLimits } from "./time_limits.ts";
import { SENT, SETTLED, Work } from "./work.ts";

/** Runs the jobs of one pool. */
export class Engine implements Host {
  readonly #settings: Settings;
  readonly #announce: Announce;
  readonly #encoder: ValueEncoder;
  readonly #book: TaskBook;
  readonly #ledger: Ledger;
  readonly #dispatcher: Dispatcher;
  readonly #crew: Crew;
  readonly #signals: SignalGroup<Work>;
  readonly #limits: TimeLimits;
  readonly #ladder: Ladder;
  readonly #endings: Endings;
  readonly #places: Places;
  readonly #admission: Admission;
  readonly #reservations: Reservations;
  #sent = 0;
  #closed: Promise<void> | undefined;

  constructor(settings: Settings, channel: Channel, start: StartWorker, announce: Announce) {
    this.#settings = settings;
    this.#announce = announce;
    this.#admission = new Admission(settings.name);
    this.#reservations = new Reservations(this.#admission, () => this.#updateCrew());
    this.#encoder = new ValueEncoder({ ...channel, rouse: () => this.#crew.rouse(), references: new Exports() });
    this.#book = new TaskBook(settings.here);
    this.#signals = new SignalGroup((work, reason) => this.abort(work, reason));
    this.#limits = new TimeLimits(settings.startTimeout, (work, reason) => this.abort(work, reason, { late: true }));
    this.#places = new Places(settings, () => this.#dispatcher.dispatch());
    this.#ledger = new Ledger(announce, this.#signals);
    this.#endings = new Endings(this.#ledger, systemClock, (work) => this.#dispatcher.enqueue(work));
    this.#crew = new Crew(settings, start, announce, {
      message: (slot, message) => this.#receive(slot, message),
      begin: (slot) => this.#begin(slot),
      ready: () => this.#dispatcher.dispatch(),
      blocks: () => this.#dispatcher.handOut(),
      lost: (slot, error, unexpected) => this.#workerGone(slot, error, unexpected),
      fault: (slot, error) => this.#fault(slot, error),
      broken: (reason) => this.#break(reason),
      setup: (slot) => this.#setUp(slot),
      demand: () => this.#dispatcher.waiting,
      tasks: this.#book.definitions,
    });
    this.#dispatcher = new Dispatcher({
      slots: this.#crew.slots,
      maxTasksPerWorker: settings.maxTasksPerWorker,
      eager: !settings.here,
      single: settings.deathLimit === 1,
      grow: (waiting) => this.#crew.grow(waiting),
      sending: (slot, work) => this.#sending(slot, work),
      recalled: (slot, work) => {
        work.announced = slot.ready;
        this.#sent--;
        slot.assigned--;
        slot.load -= work.estimate;
      },
    });
    this.#ladder = new Ladder({
      grace: settings.grace,
      encoder: this.#encoder,
      ledger: this.#ledger,
      endings: this.#endings,
      takeBack: (work) => this.#dispatcher.takeBack(work),
      leave: () => this.#dispatcher.leave(),
      left: () => this.#updateCrew(),
      kill: (slot, alone) => alone ? this.#crew.kill(slot) : this.#crew.killWhenAlone(slot, settings.grace),
    });
  }

  /** The pool's name. */
  get name(): string {
    return this.#settings.name;
  }

  /** Whether the pool accepts tasks, and if not, why. */
  get state(): "open" | "broken" | "shut down" {
    return this.#admission.open ? "open" : this.#admission.broken ? "broken" : "shut down";
  }

  /** Throws if the pool accepts no more tasks. */
  requireOpen(): void {
    this.#admission.requireOpen();
  }

  /** Accepts a task. */
  submit(submission: Submission): Work {
    this.requireOpen();
    const { definition, args, options, items, caller, carried, identity } = submission;
    const work = new Work(this, this.#book.known(definition), options, items ?? 0, caller, identity);
    if (options.signal?.aborted) {
      this.#ledger.dropped(work, options.signal.reason);
      return work;
    }
    try {
      work.carries = carried !== undefined;
      work.packet = this.#encoder.encodeArgs(args, carried);
    } catch (error) {
      this.#ledger.settle(work, { error });
      return work;
    }
    if (items === undefined && this.#full) {
      const outcome = overflow(this.#settings, definition, args);
      if (outcome !== undefined) return this.#settleElsewhere(work, outcome);
    }
    if (work.packet.moved.length > 0) detach(work.packet.moved, work.packet.attachments);
    if (this.#settings.here) work.context = runtime.captureContext();
    this.#dispatcher.enqueue(work);
    this.#signals.add(options.signal, work);
    this.#crew.setActive(true, true);
    return work;
  }

  /** Makes a reservation for work that follows other work; undefined if the pool accepts nothing more. */
  reserve(revoked: (how: Revoked) => void): Reservation | undefined {
    return this.#reservations.add(revoked);
  }

  /** Calls back if waiting work is dropped. */
  watch(dropped: Dropped): () => void {
    return this.#reservations.watch(dropped);
  }

  /** The failures that the program has not observed. */
  get unobserved(): UnobservedFailures {
    return this.#ledger.unobserved;
  }

  /** The estimated run time of a task, in milliseconds; undefined if unknown. */
  estimate(definition: Definition): number | undefined {
    const { estimate } = this.#book.known(definition);
    return estimate === Infinity ? undefined : estimate;
  }

  /** Whether the queue is full. */
  get #full(): boolean {
    const { queueLimit, maxWorkers } = this.#settings;
    return this.#dispatcher.waiting + this.#sent >= queueLimit + maxWorkers * this.#places.own;
  }

  /** Cancels a waiting job. */
  cancel(work: Work): boolean {
    return this.#ladder.cancel(work);
  }

  /** Stops a job: drops it, or fires its signal and replaces its worker after the grace. */
  abort(work: Work, reason: unknown, how?: HowToAbort): void {
    this.#ladder.abort(work, reason, how);
  }

  /** Starts a nested wait of a job. Others may run in its place until the returned function is called. */
  lend(work: Work, on: FutureSource | undefined): () => void {
    return this.#places.lend(work, on);
  }

  /** Stops accepting tasks. */
  shutdown({ wait = true, cancelFutures = false }: ShutdownOptions): Promise<void> {
    // First, as the callbacks of cancelled jobs may submit more.
    this.#admission.close();
    if (cancelFutures) {
      cancelAll(this.#parts);
      this.#reservations.revoke({ cancelled: true });
    }
    this.#updateCrew();
    if (this.#closed === undefined) {
      this.#closed = this.#crew.close();
      void this.#closed.then(() => this.#ledger.unobserved.close());
    }
    this.#endings.stopRetries(cancelFutures);
    this.#updateCrew();
    return wait ? this.#closed : Promise.resolve();
  }

  /** Returns a snapshot of counters and times. */
  stats(): ExecutorStats {
    const parked = this.#dispatcher.waiting + this.#endings.paused.size;
    return statsOf(this.#crew, parked, this.#sent, this.#ledger.meter);
  }

  /**
   * Accepts no more tasks, drops waiting jobs, and fires the signals of running ones, which may take any time to end.
   */
  interrupt(reason: unknown): Promise<void> {
    this.#admission.close();
    interruptAll(this.#parts, reason);
    this.#reservations.revoke({ cancelled: false, reason });
    return this.shutdown({});
  }

  /** Ends all workers now. */
  terminate(reason: unknown): void {
    this.#break({ message: "it was stopped", cause: reason, told: true });
  }

  /** Starts `minWorkers` workers. */
  open(): void {
    if (this.#settings.minWorkers > 0) this.#crew.grow(0);
  }

  /** Settles a job that no worker gets. `cancel` and `abort` have no effect on it. */
  #settleElsewhere(work: Work, outcome: Outcome | Promise<Outcome>): Work {
    work.state = SETTLED;
    void Promise.resolve(outcome).then((known) => this.#ledger.settle(work, known));
    return work;
  }

  /** Called before a job is sent to a worker. */
  #sending(slot: Slot, work: Work): void {
    this.#places.enter(work);
    this.#sent++;
    this.#crew.assigned(slot);
    if (slot.ready) this.#started(slot, work);
  }

  /** A worker is ready, and has started the jobs that it was sent before. */
  #begin(slot: Slot): void {
    this.#dispatcher.begin(slot);
    for (const work of slot.sent.values()) if (work.state === SENT) this.#started(slot, work);
  }

  #started(slot: Slot, work: Work): void {
    this.#limits.sent(slot, work);
    this.#ledger.started(work, slot.id);
  }

  #setUp(slot: Slot): void {
    const { initializer } = this.#settings;
    const task = initializer && this.#book.known(initializer);
    setUp(slot, {
      settings: this.#settings,
      encoder: this.#encoder,
      concurrency: this.#places.own,
      initializer: task,
      fault: (error) => this.#fault(slot, error),
    });
    if (task !== undefined) this.#dispatcher.define(slot, task);
  }

  #receive(slot: Slot, message: IncomingMessage): void {
    const { reader } = message;
    message.references = slot.standIn;
    const time = now();
    let onlyOutput = true;
    while (message.more) {
      const operation = message.operation();
      if (operation === op.OUTPUT) {
        slot.print(reader);
        continue;
      }
      onlyOutput = false;
      switch (operation) {
        case op.DONE:
        case op.FAILED:
        case op.CHUNK_DONE:
          this.#answer(slot, message, operation, time);
          break;
        case op.STARTED:
          this.#limits.started(slot, reader.u32());
          break;
        case op.PROGRESS: {
          const work = slot.sent.get(reader.u32());
          const { value, error } = readValue(message);
          if (error !== undefined) this.#fault(slot, error);
          else if (work !== undefined) reportProgress(work.future, value);
          break;
        }
        case op.RECALLED:
          this.#dispatcher.recalled(slot, reader);
          break;
        case op.FAULT:
          this.#fault(slot, readError(message));
          break;
        default:
          if (operation < op.REQUEST) this.#crew.control(slot, operation, message);
          else slot.standIn.take(operation, message);
      }
    }
    if (onlyOutput) return;
    this.#crew.relieve(slot);
    this.#dispatcher.dispatch();
    this.#updateCrew();
  }

  /** Handles the answer of a worker to a job. */
  #answer(slot: Slot, message: IncomingMessage, operation: number, time: number): void {
    const { reader } = message;
    const id = reader.u32();
    const [runTime, heldTime, syncTime] = [reader.duration(), reader.duration(), reader.duration()];
    const dropped = slot.dropped.get(id);
    if (dropped !== undefined) {
      slot.dropped.delete(id);
      return void readOutcome(message, operation, dropped.items);
    }
    const work = slot.sent.get(id);
    // The task of this answer cannot be found, and would wait for ever.
    if (work === undefined) throw new MalformedMessage("Cannot read an answer to a task that was not sent");
    const outcome = readOutcome(message, operation, work.items);
    slot.sent.delete(id);
    this.#places.leave(id, work);
    slot.left = false;
    slot.load = slot.sent.size === 0 ? 0 : slot.load - work.estimate;
    this.#sent--;
    slot.failed = this.#settings.deathLimit === 1 && operation === op.FAILED;
    this.#crew.proved(slot);
    work.task.learn(runTime / (work.items || 1));
    if (this.#places.learn(runTime, syncTime)) this.#crew.slots.forEach((each) => this.#places.tell(each));
    this.#ledger.meter.runTime.record(runTime);
    this.#ledger.meter.transferTime.record(Math.max(0, time - work.sentAt! - heldTime));
    this.#ladder.ended(work, outcome);
  }

  #fault(slot: Slot, error: unknown): void {
    if (!this.#announce("error", () => ({ error, workerId: slot.id }))) runtime.printError(error);
  }

  /**
   * Handles the loss of a worker. Its running jobs are lost. Jobs that it has not started return to the front of the
   * queue, if they can be sent again.
   */
  #workerGone(
    slot: Slot,
    error: (task: string) => WorkerLostError | BrokenExecutorError,
    unexpected: boolean,
  ): boolean {
    void slot.standIn.end(unexpected || slot.killed || slot.failed);
    const { lost, rest } = slot.split();
    slot.sent.clear();
    this.#sent -= lost.length + rest.length;
    for (const work of [...lost, ...rest]) this.#places.leave(work.id, work);
    for (const work of rest.reverse()) {
      if (work.aborted === undefined && work.state === SENT) this.#dispatcher.putBack(work);
    }
    for (const work of [...lost, ...rest.filter(({ aborted }) => aborted !== undefined)]) {
      if (work.aborted === undefined) {
        if (work.state !== SENT) continue;
        this.#ledger.meter.lost++;
      }
      this.#ladder.ended(work, { error: error(work.task.definition.name) });
    }
    if (unexpected && this.#settings.onWorkerLost === "break") {
      this.#break({ message: "one of its workers died", cause: error("unknown") });
    }
    this.#dispatcher.dispatch();
    this.#updateCrew();
    return lost.length > 0;
  }

  #break(reason: BreakReason): void {
    if (this.#admission.broken) return;
    this.#admission.break(reason);
    const error = () => withoutFrames(() => this.#admission.error(reason.Failure));
    this.#reservations.clear(error(), reason.told === true);
    rejectAll(this.#parts, error, reason.told);
    this.#crew.killAll();
    this.#updateCrew();
  }

  get #parts(): Parts {
    return {
      dispatcher: this.#dispatcher,
      endings: this.#endings,
      slots: this.#crew.slots,
      ladder: this.#ladder,
      ledger: this.#ledger,
    };
  }

  #updateCrew(): void {
    const active = this.#dispatcher.waiting + this.#endings.paused.size + this.#sent > 0;
    this.#crew.setActive(active, this.#reservations.size > 0);
  }
}
