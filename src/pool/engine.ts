/**
 * The engine of all pools: takes work, gives it to workers, and settles its futures.
 *
 * See `README.md` beside this file for the way of a task through it. This file holds the way of the tasks; `crew.ts`
 * holds the life of the workers.
 *
 * @module
 */

import { BrokenExecutorError, InvalidStateError, type WorkerLostError } from "../core/errors.ts";
import type { ExecutorStats, ShutdownOptions } from "../futures/executor.ts";
import { type FutureSource, reportProgress } from "../futures/future.ts";
import type { Outcome } from "../futures/results.ts";
import { runtime } from "../runtime/mod.ts";
import type { Definition } from "../task/task.ts";
import { now, systemClock } from "../time/system_clock.ts";
import type { Channel } from "../wire/baggage.ts";
import { ValueEncoder } from "../wire/encoder.ts";
import * as op from "../wire/message.ts";
import { type IncomingMessage, MalformedMessage } from "../wire/message.ts";
import { Exports } from "../wire/references.ts";
import { detach } from "../wire/transfer.ts";
import { readError, readOutcome, readValue } from "./answer.ts";
import { Crew } from "./crew.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { Announce } from "./events.ts";
import { Ledger } from "./ledger.ts";
import { overflow } from "./overflow.ts";
import type { Settings } from "./options.ts";
import { type HowToAbort, Ladder } from "./ladder.ts";
import { Places } from "./places.ts";
import { Endings } from "./endings.ts";
import { SignalGroup } from "../core/signal_group.ts";
import type { Slot, StartWorker } from "./slot.ts";
import { StandIn } from "./stand_in.ts";
import type { Submission } from "./submission.ts";
import { TaskBook } from "./task_book.ts";
import { TimeLimits } from "./time_limits.ts";
import { PAUSED, SENT, SETTLED, WAITING, Work } from "./work.ts";

/** Runs the tasks of one pool. */
export class Engine {
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
  #sent = 0;
  #closed: Promise<void> | undefined;
  #broken: { readonly message: string; readonly cause: unknown } | undefined;

  constructor(settings: Settings, channel: Channel, start: StartWorker, announce: Announce) {
    this.#settings = settings;
    this.#announce = announce;
    this.#encoder = new ValueEncoder({ ...channel, rouse: () => this.#crew.rouse(), references: new Exports() });
    this.#book = new TaskBook(settings.here);
    this.#signals = new SignalGroup((work, reason) => this.abort(work, reason));
    this.#limits = new TimeLimits(settings.startTimeout, (work, reason) => this.abort(work, reason, { late: true }));
    this.#places = new Places(settings, () => this.#dispatcher.dispatch());
    this.#ledger = new Ledger(announce, this.#signals);
    this.#endings = new Endings(this.#ledger, systemClock, (work) => this.#dispatcher.enqueue(work));
    this.#crew = new Crew(settings, start, announce, {
      message: (slot, message) => this.#receive(slot, message),
      ready: () => this.#dispatcher.dispatch(),
      lost: (slot, error, unexpected) => this.#workerGone(slot, error, unexpected),
      broken: (message, cause) => this.#break(message, cause),
      setup: (slot) => this.#setUp(slot),
      demand: () => this.#dispatcher.waiting,
      tasks: this.#book.definitions,
    });
    this.#dispatcher = new Dispatcher({
      slots: this.#crew.slots,
      maxTasksPerWorker: settings.maxTasksPerWorker,
      grow: (waiting) => this.#crew.grow(waiting),
      sending: (slot, work) => this.#sending(slot, work),
    });
    this.#ladder = new Ladder({
      grace: settings.grace,
      encoder: this.#encoder,
      ledger: this.#ledger,
      endings: this.#endings,
      leave: () => this.#dispatcher.leave(),
      left: () => this.#updateCrew(),
      kill: (slot, alone) => alone ? this.#crew.kill(slot) : this.#crew.killWhenAlone(slot, settings.grace),
    });
  }

  /** Throws if it takes no more tasks. */
  requireOpen(): void {
    if (this.#broken !== undefined) throw this.#brokenError();
    if (this.#closed !== undefined) {
      throw new InvalidStateError(`Cannot submit to ${this.#settings.name} after its shutdown`);
    }
  }

  /** Takes a task. */
  submit(submission: Submission): Work {
    this.requireOpen();
    const { definition, args, options, items, caller } = submission;
    const work = new Work(this, this.#book.known(definition), options, items ?? 0, caller);
    if (options.signal?.aborted) {
      this.#ledger.dropped(work, options.signal.reason);
      return work;
    }
    try {
      work.packet = this.#encoder.encodeArgs(args);
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
    this.#crew.setActive(true);
    return work;
  }

  /** How long a task is likely to take, in milliseconds; undefined if that is not known. */
  estimate(definition: Definition): number | undefined {
    const { estimate } = this.#book.known(definition);
    return estimate === Infinity ? undefined : estimate;
  }

  /** Whether as many tasks wait as may. */
  get #full(): boolean {
    const { queueLimit, maxWorkers } = this.#settings;
    return this.#dispatcher.waiting + this.#sent >= queueLimit + maxWorkers * this.#places.own;
  }

  /** Drops work that waits. */
  cancel(work: Work): boolean {
    if (work.state === WAITING) this.#dispatcher.leave();
    else if (work.state !== PAUSED) return false;
    this.#ledger.cancelled(work);
    this.#updateCrew();
    return true;
  }

  /** Climbs the ladder: drop, signal, replace. */
  abort(work: Work, reason: unknown, how?: HowToAbort): void {
    this.#ladder.abort(work, reason, how);
  }

  /** A task waits: others may run in its place until the returned function is called. */
  lend(work: Work, on: FutureSource | undefined): () => void {
    return this.#places.lend(work, on);
  }

  /** Stops taking work. */
  shutdown({ wait = true, cancelFutures = false }: ShutdownOptions): Promise<void> {
    if (cancelFutures) {
      for (const work of this.#dispatcher.line()) this.cancel(work);
    }
    this.#closed ??= this.#crew.close();
    this.#endings.stopRetries(cancelFutures);
    this.#updateCrew();
    return wait ? this.#closed : Promise.resolve();
  }

  /** Returns a snapshot of counters and times. */
  stats(): ExecutorStats {
    let running = 0;
    for (const slot of this.#crew.slots) running += Math.min(slot.sent.size, slot.concurrency);
    return {
      workers: this.#crew.count(),
      // What was sent ahead waits as well, at the worker.
      waiting: this.#dispatcher.waiting + this.#endings.paused.size + this.#sent - running,
      running,
      ...this.#ledger.meter.snapshot(),
      restarts: this.#crew.restarts,
    };
  }

  /** Takes no more work, drops what waits, and fires the signals of what runs, however long that then takes. */
  interrupt(reason: unknown): Promise<void> {
    for (const work of this.#endings.paused) this.abort(work, reason);
    for (const work of this.#dispatcher.line()) this.abort(work, reason);
    for (const slot of this.#crew.slots) {
      for (const work of [...slot.sent.values()]) this.abort(work, reason, { grace: Infinity });
    }
    return this.shutdown({});
  }

  /** Ends all workers now. */
  terminate(reason: unknown): void {
    this.#break("it was stopped", reason);
  }

  /** Starts the workers that are kept. */
  open(): void {
    if (this.#settings.minWorkers > 0) this.#crew.grow(0);
  }

  /** Work that no worker will see: it is out of reach for `cancel` and `abort`. */
  #settleElsewhere(work: Work, outcome: Outcome | Promise<Outcome>): Work {
    work.state = SETTLED;
    void Promise.resolve(outcome).then((known) => this.#ledger.settle(work, known));
    return work;
  }

  /** A task is about to be sent to a worker. */
  #sending(slot: Slot, work: Work): void {
    this.#places.enter(work);
    this.#sent++;
    this.#crew.assigned(slot);
    this.#limits.sent(slot, work);
    this.#ledger.started(work, slot.id);
  }

  /** Prepares a worker that is about to start, and writes its first message. */
  #setUp(slot: Slot): void {
    const { initializer, initArgs, maxMemoryBytes, name } = this.#settings;
    slot.standIn = new StandIn({
      encoder: this.#encoder,
      send: (write) => {
        write(slot.writer);
        slot.flush();
      },
      fault: (error) => this.#fault(slot, error),
    });
    slot.concurrency = this.#places.own;
    const record = slot.writer.record(op.SETUP);
    record.u32(slot.id);
    record.u32(slot.concurrency);
    record.u8(maxMemoryBytes === Infinity ? 0 : 1);
    record.string(name);
    const task = initializer && this.#book.known(initializer);
    record.u32(task?.reference ?? 0);
    slot.writer.value(this.#encoder.encode(initArgs, "initArgs"));
    if (task !== undefined) this.#dispatcher.define(slot, task);
  }

  #receive(slot: Slot, message: IncomingMessage): void {
    const { reader } = message;
    message.references = slot.standIn;
    const time = now();
    while (message.more) {
      const operation = message.operation();
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
        case op.FAULT:
          this.#fault(slot, readError(message));
          break;
        default:
          if (operation < op.REQUEST) this.#crew.control(slot, operation, message);
          else slot.standIn.take(operation, message);
      }
    }
    this.#crew.relieve(slot);
    this.#dispatcher.dispatch();
    this.#updateCrew();
  }

  /** A worker has ended a task. */
  #answer(slot: Slot, message: IncomingMessage, operation: number, time: number): void {
    const { reader } = message;
    const id = reader.u32();
    const [runTime, heldTime, syncTime] = [reader.duration(), reader.duration(), reader.duration()];
    const work = slot.sent.get(id);
    // Whose answer it is nobody knows, and that task would wait for ever.
    if (work === undefined) throw new MalformedMessage("Cannot read an answer to a task that was not sent");
    const outcome = readOutcome(message, operation, work.items);
    slot.sent.delete(id);
    this.#places.leave(id, work);
    slot.left = false;
    slot.load = slot.sent.size === 0 ? 0 : slot.load - work.estimate;
    this.#sent--;
    this.#crew.proved(slot);
    work.task.learn(runTime / (work.items || 1));
    if (this.#places.learn(runTime, syncTime)) this.#crew.slots.forEach((each) => this.#places.tell(each));
    this.#ledger.meter.runTime.record(runTime);
    this.#ledger.meter.transferTime.record(Math.max(0, time - work.sentAt! - heldTime));
    // A task that hears its signal and throws has done as it was told.
    const told = "error" in outcome ? work.aborted : undefined;
    this.#endings.end(work, told === undefined ? outcome : { error: told.reason });
  }

  #fault(slot: Slot, error: unknown): void {
    if (!this.#announce("error", () => ({ error, workerId: slot.id }))) runtime.printError(error);
  }

  /** A worker is gone: what it was running is lost, what it had not started goes back to the front of the line. */
  #workerGone(slot: Slot, error: (task: string) => WorkerLostError | BrokenExecutorError, unexpected: boolean): void {
    void slot.standIn.end(unexpected || slot.killed);
    const { started, rest } = slot.split();
    slot.sent.clear();
    this.#sent -= started.length + rest.length;
    for (const work of [...started, ...rest]) this.#places.leave(work.id, work);
    for (const work of rest.reverse()) if (work.state === SENT) this.#dispatcher.putBack(work);
    for (const work of started) {
      if (work.state !== SENT) continue;
      if (work.aborted === undefined) this.#ledger.meter.lost++;
      const { aborted, task } = work;
      this.#endings.end(work, { error: aborted === undefined ? error(task.definition.name) : aborted.reason });
    }
    if (unexpected && this.#settings.onWorkerLost === "break") {
      this.#break("one of its workers died", error("unknown"));
    }
    this.#dispatcher.dispatch();
    this.#updateCrew();
  }

  #break(message: string, cause: unknown): void {
    if (this.#broken !== undefined) return;
    this.#broken = { message, cause };
    for (const work of this.#dispatcher.line()) {
      this.#dispatcher.leave();
      this.#ledger.settle(work, { error: this.#brokenError() });
    }
    for (const work of this.#endings.paused) this.#ledger.settle(work, { error: this.#brokenError() });
    for (const slot of [...this.#crew.slots]) {
      for (const work of [...slot.sent.values()]) {
        if (work.state === SENT) this.#ledger.settle(work, { error: this.#brokenError() });
      }
    }
    this.#crew.killAll();
    this.#updateCrew();
  }

  #brokenError(): BrokenExecutorError {
    const { message, cause } = this.#broken!;
    return new BrokenExecutorError(`Cannot go on with ${this.#settings.name}: ${message}`, { cause });
  }

  #updateCrew(): void {
    this.#crew.setActive(this.#dispatcher.waiting + this.#endings.paused.size + this.#sent > 0);
  }
}
