/**
 * The engine of all pools: accepts jobs, sends them to workers, and settles their futures.
 *
 * `README.md` beside this file describes the way of a task through the pool. This file moves the jobs; `supervisor.ts`
 * supervises the workers.
 *
 * Longer than other files, as all parts of a pool meet here, and their hooks are closures over its state.
 *
 * @module
 */

import { CancelledError, InvalidStateError, type RejectedError, type WorkerLostError } from "../../core/errors.ts";
import { checkInteger } from "../../core/check.ts";
import { withoutFrames } from "../../core/frames.ts";
import type { ExecutorStats, ShutdownOptions, SubmitOptions } from "../../futures/executor.ts";
import { reportProgress, whenDone } from "../../futures/future.ts";
import type { FutureSource, Outcome } from "../../futures/source.ts";
import type { Dropped, Host, Reservation, Revoked } from "../../futures/reservation.ts";
import type { UnobservedFailures } from "../../futures/unobserved.ts";
import { runtime } from "../../runtime/mod.ts";
import { type Definition, requireDefinition, type Task } from "../../task/task.ts";
import { now, systemClock } from "../../time/system_clock.ts";
import type { Channel, Packet } from "../../wire/out_of_band.ts";
import { ValueEncoder } from "../../wire/encoder.ts";
import * as op from "../../wire/message.ts";
import { type IncomingMessage, MalformedMessage } from "../../wire/message.ts";
import { IterableLender } from "../../wire/iterables.ts";
import { Exports } from "../../wire/references.ts";
import { detach } from "../../wire/transfer.ts";
import { Admission } from "./admission.ts";
import { readError, readOutcome, readValue } from "./answer.ts";
import { type BroadcastRun, PinnedJob } from "./broadcast_run.ts";
import { Broadcasts } from "./broadcasts.ts";
import type { BreakReason } from "./break_reason.ts";
import type { Caller } from "./caller.ts";
import { Supervisor } from "../workers/supervisor.ts";
import { Dispatcher } from "./dispatcher.ts";
import { cancelAll, interruptAll, type Parts, rejectAll } from "./end_all.ts";
import type { Announce } from "../events.ts";
import type { TaskEntry } from "./task_entry.ts";
import { Settlement } from "./settlement.ts";
import { overflow } from "./overflow.ts";
import type { Settings } from "../options.ts";
import { AbortEscalation, type HowToAbort } from "./abort.ts";
import { ResourceLine } from "./resource_line.ts";
import { tableOf } from "../resources.ts";
import { NestedWaits } from "./nested_waits.ts";
import { Retries } from "./retries.ts";
import { SignalGroup } from "../../core/signal_group.ts";
import { Reservations } from "./reservations.ts";
import { setUp } from "../workers/setup.ts";
import { statsOf } from "./stats.ts";
import { ENDING, type PoolWorker, READY, type StartWorker } from "../workers/pool_worker.ts";
import { endWith } from "./sources.ts";
import { StreamJob } from "./stream_job.ts";
import { Streams } from "./streams.ts";
import { SyncCalls } from "./sync_calls.ts";
import { callInline } from "./sync_inline.ts";
import { infoOf, type WorkerInfo } from "../workers/worker_info.ts";
import { PoolWaits } from "./waits.ts";
import type { Submission } from "./submission.ts";
import { TaskRegistry } from "./task_registry.ts";
import { TimeLimits } from "./time_limits.ts";
import { Job, SENT, SETTLED } from "./job.ts";

/** Whether a job may run in the calling loop: a stream has credits there, and what a task needs may be in use. */
function mayRunHere(job: Job): boolean {
  return !(job instanceof StreamJob) && job.options.resources === undefined;
}

/** Runs the jobs of one pool. */
export class Engine implements Host {
  readonly #settings: Settings;
  readonly #announce: Announce;
  readonly #encoder: ValueEncoder;
  readonly #book: TaskRegistry;
  readonly #settlement: Settlement;
  readonly #dispatcher: Dispatcher;
  /** The jobs that wait for resources, or hold them, if the pool has any. */
  readonly #resources: ResourceLine | undefined;
  readonly #supervisor: Supervisor;
  readonly #signals: SignalGroup<Job>;
  readonly #limits: TimeLimits;
  readonly #escalation: AbortEscalation;
  readonly #retries: Retries;
  readonly #nestedWaits: NestedWaits;
  readonly #admission: Admission;
  readonly #reservations: Reservations;
  readonly #streams: Streams;
  readonly #broadcasts: Broadcasts;
  readonly #syncCalls: SyncCalls;
  readonly #waits: PoolWaits;
  /** A thread and a process of the user's own take no async iterables. */
  readonly #lender: IterableLender | undefined;
  #sent = 0;
  /** The number of sent jobs that do not count towards `queueLimit`. */
  #alone = 0;
  #closed: Promise<void> | undefined;
  /** Called when the pool breaks, with a function that creates the error of a task. */
  onBreak: ((error: () => unknown) => void) | undefined;

  constructor(settings: Settings, channel: Channel, start: StartWorker, announce: Announce) {
    this.#settings = settings;
    this.#announce = announce;
    this.#admission = new Admission(settings.name);
    this.#reservations = new Reservations(this.#admission, () => this.#updateSupervisor());
    this.#encoder = new ValueEncoder({ ...channel, wake: () => this.#supervisor.wake(), references: new Exports() });
    this.#lender = settings.deathLimit === 1 ? undefined : new IterableLender();
    this.#book = new TaskRegistry(settings.inProcess);
    this.#waits = new PoolWaits({
      name: settings.name,
      isReady: () =>
        this.#supervisor.workers.filter(({ ready, state }) => ready && state <= READY).length >= settings.minWorkers,
      room: () => this.#room,
      requireOpen: () => this.requireOpen(),
    });
    this.#streams = new Streams(this, () => this.#updateSupervisor());
    this.#signals = new SignalGroup((job, reason) => this.abort(job, reason));
    this.#limits = new TimeLimits(settings.startTimeout, (job, reason) => this.abort(job, reason, { late: true }));
    this.#nestedWaits = new NestedWaits(settings, () => this.#advance());
    this.#settlement = new Settlement(announce, this.#signals);
    this.#retries = new Retries(this.#settlement, systemClock, (job) => this.#dispatcher.enqueue(job));
    this.#supervisor = new Supervisor(settings, start, announce, {
      message: (worker, message) => this.#receive(worker, message),
      begin: (worker) => this.#begin(worker),
      ready: () => this.#advance(),
      blocks: () => this.#dispatcher.handOut(),
      lost: (worker, ...how) => this.#workerGone(worker, ...how),
      fault: (worker, error) => this.#fault(worker, error),
      broken: (reason) => this.break(reason),
      setup: (worker) => this.#setUp(worker),
      demand: () => this.#dispatcher.paused ? 0 : this.#dispatcher.demand,
      tasks: this.#book.definitions,
    });
    const { workers } = this.#supervisor;
    this.#resources = settings.resources && new ResourceLine(tableOf(settings.resources), {
      hasWorker: () => workers.length < settings.maxWorkers || workers.some(({ free }) => free),
      dispatch: () => this.#dispatcher.dispatch(),
    });
    this.#dispatcher = new Dispatcher({
      workers: this.#supervisor.workers,
      maxTasksPerWorker: settings.maxTasksPerWorker,
      eager: !settings.inProcess,
      single: settings.deathLimit === 1,
      grow: (waiting) => this.#supervisor.grow(waiting),
      sending: (worker, job) => this.#sending(worker, job),
      recalled: (worker, job) => {
        job.announced = worker.ready;
        this.#sent--;
        worker.assigned--;
        worker.load -= job.estimate;
      },
    }, this.#resources);
    const make = (task: TaskEntry, options: SubmitOptions, caller: Caller | undefined, packet: Packet): PinnedJob => {
      const job = new PinnedJob(this, task, options, 0, caller);
      job.packet = packet;
      job.submittedAt = now();
      if (settings.inProcess) job.context = runtime.captureContext();
      return job;
    };
    this.#syncCalls = new SyncCalls({
      workers: this.#supervisor.workers,
      name: settings.name,
      startTimeout: settings.startTimeout,
      grace: settings.grace,
      grow: () => this.#supervisor.grow(this.#dispatcher.waiting + 1),
      encode: (args, carried) => this.#encoder.encodeArgs(args, carried),
      detach: ({ moved, attachments }, copied) => detach(moved, copied ? [] : attachments),
      make: (task, ...rest) => make(this.#book.known(requireDefinition(task)), ...rest),
      send: (worker, job) => this.#sendAlone(worker, job),
      abort: (job, reason) => this.abort(job, reason),
      kill: (worker) => this.#supervisor.kill(worker),
      requireOpen: () => this.requireOpen(),
    });
    this.#broadcasts = new Broadcasts({
      workers: this.#supervisor.workers,
      encoder: this.#encoder,
      inProcess: settings.inProcess,
      unobserved: this.#settlement.unobserved,
      make,
      send: (worker, job) => this.#sendAlone(worker, job),
      abort: (job, reason) => this.abort(job, reason),
      waiting: (worker) => this.#nestedWaits.lentBy(worker),
      recall: (worker) => this.#dispatcher.recall(worker),
      grow: () => this.#supervisor.grow(1),
      changed: () => {
        this.#updateSupervisor();
        this.#dispatcher.dispatch();
      },
    });
    this.#escalation = new AbortEscalation({
      grace: settings.grace,
      encoder: this.#encoder,
      settlement: this.#settlement,
      retries: this.#retries,
      takeBack: (job) => this.#dispatcher.takeBack(job),
      leave: (job) => this.#dispatcher.leave(job),
      left: () => this.#updateSupervisor(),
      kill: (worker, alone) =>
        alone ? this.#supervisor.kill(worker) : this.#supervisor.killWhenAlone(worker, settings.grace),
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

  /** Throws if the pool accepts no tasks, or is paused. */
  requireGoing(): void {
    this.requireOpen();
    if (!this.#dispatcher.paused) return;
    throw new InvalidStateError(
      `Cannot block for a task of ${this.#settings.name} while it is paused: resume it first`,
    );
  }

  /** Accepts a task. */
  submit(submission: Submission): Job {
    this.requireOpen();
    const { definition, args, options, items, caller, carried, identity } = submission;
    const task = this.#book.known(definition);
    const job = submission.streams === true
      ? this.#streams.open(task, options, caller)
      : new Job(this, task, options, items ?? 0, caller, identity);
    if (options.signal?.aborted) {
      this.#settlement.dropped(job, options.signal.reason);
      return job;
    }
    try {
      job.carries = carried !== undefined;
      job.packet = this.#encoder.encodeArgs(args, carried, items === undefined ? this.#lender : undefined);
    } catch (error) {
      this.#lender?.take();
      this.#settlement.settle(job, { error });
      return job;
    }
    if (this.#lender?.lent !== undefined) endWith(job, this.#lender.take());
    if (
      items === undefined && this.#full && !(this.#settings.overflow === "caller-runs" && !mayRunHere(job))
    ) {
      const outcome = overflow(
        this.#settings,
        definition,
        args,
        (error) => this.#dropFor(options.priority ?? 0, error),
      );
      if (outcome !== undefined) return this.#settleElsewhere(job, outcome);
    }
    if (job.packet.moved.length > 0) detach(job.packet.moved, job.packet.attachments);
    if (this.#settings.inProcess) job.context = runtime.captureContext();
    this.#dispatcher.enqueue(job);
    this.#signals.add(options.signal, job);
    this.#waits.submitted();
    this.#supervisor.setActive(true, true);
    return job;
  }

  /** Runs a task once in every worker. */
  broadcast({ definition, args, options, caller }: Submission): BroadcastRun {
    this.requireOpen();
    return this.#broadcasts.start(this.#book.known(definition), args, options, caller);
  }

  /** Runs a task, and blocks until it has ended. */
  callSync(task: unknown, submission: Submission): unknown {
    this.requireGoing();
    if (!this.#settings.inProcess) return this.#syncCalls.call(task as Task<unknown[], unknown>, submission);
    const { definition, args, options } = submission;
    options.signal?.throwIfAborted();
    const { maxWorkers, name } = this.#settings;
    return callInline(definition, args, name, this.#sent >= maxWorkers * this.#nestedWaits.own);
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
    return this.#settlement.unobserved;
  }

  /** The estimated run time of a task, in milliseconds; undefined if unknown. */
  estimate(definition: Definition): number | undefined {
    const { estimate } = this.#book.known(definition);
    return estimate === Infinity ? undefined : estimate;
  }

  /** Whether the queue is full. */
  get #full(): boolean {
    return this.#room <= 0;
  }

  /** The number of further tasks that the pool accepts. */
  get #room(): number {
    const { queueLimit, maxWorkers } = this.#settings;
    return queueLimit + maxWorkers * this.#nestedWaits.own - (this.#dispatcher.waiting + this.#sent - this.#alone);
  }

  /** Cancels a waiting job. */
  cancel(job: Job): boolean {
    return this.#escalation.cancel(job);
  }

  /** Stops a job: drops it, or fires its signal and replaces its worker after the grace. */
  abort(job: Job, reason: unknown, how?: HowToAbort): void {
    this.#escalation.abort(job, reason, how);
  }

  /** Starts a nested wait of a job. Others may run in its place until the returned function is called. */
  beginNestedWait(job: Job, on: FutureSource | undefined): () => void {
    return this.#nestedWaits.beginNestedWait(job, on);
  }

  /** Rejects all tasks as cancelled and ends the workers, without grace. */
  cancelAndKill(): Promise<void> {
    const { name } = this.#settings;
    const error = () => withoutFrames(() => new CancelledError(`The task was cancelled: ${name} was terminated`));
    this.#admission.close();
    this.#reservations.clear(error(), true);
    this.#broadcasts.break(error);
    rejectAll(this.#parts, error, true);
    this.#supervisor.killAll();
    return this.shutdown({});
  }

  /** Changes the maximum number of workers. */
  setMaxWorkers(given: number): void {
    const { minWorkers } = this.#settings;
    this.#settings.maxWorkers = checkInteger("Cannot resize the pool as 'maxWorkers'", given, Math.max(1, minWorkers));
    this.#supervisor.shrink();
    this.#advance();
    this.#waits.look();
  }

  /** Describes the workers. */
  workers(): WorkerInfo[] {
    return this.#supervisor.workers.map(infoOf);
  }

  /** Replaces all workers after their tasks. */
  async recycle(): Promise<void> {
    this.requireOpen();
    await this.#supervisor.recycle();
    if (this.#admission.broken) throw this.#admission.error();
  }

  /** Holds back waiting tasks until `resume` or a shutdown. */
  pause(): void {
    this.requireOpen();
    this.#dispatcher.pause();
  }

  /** Sends waiting tasks again. */
  resume(): void {
    this.#dispatcher.resume();
  }

  /** Stops accepting tasks. */
  shutdown({ wait = true, cancelFutures = false }: ShutdownOptions): Promise<void> {
    // First, as the callbacks of cancelled jobs may submit more.
    this.#admission.close();
    this.#waits.end();
    if (cancelFutures) {
      cancelAll(this.#parts);
      this.#reservations.revoke({ cancelled: true });
    }
    this.resume();
    this.#updateSupervisor();
    if (this.#closed === undefined) {
      this.#closed = this.#supervisor.close();
      void this.#closed.then(() => this.#settlement.unobserved.close());
    }
    this.#retries.stopRetries(cancelFutures);
    this.#streams.shutDown(this.#settings.name);
    this.#updateSupervisor();
    return wait ? this.#closed : Promise.resolve();
  }

  /** Returns a snapshot of counters and times. */
  stats(): ExecutorStats {
    const parked = this.#dispatcher.waiting + this.#retries.paused.size;
    return statsOf(this.#supervisor, parked, this.#sent, this.#settlement.metrics);
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
    this.break({ message: "it was stopped", cause: reason, told: true });
  }

  /** Starts `minWorkers` workers. */
  open(): void {
    if (this.#settings.minWorkers > 0) this.#supervisor.grow(0);
    this.#updateSupervisor();
  }

  /** Drops the oldest task of the lowest priority, unless its priority is higher than that of the new task. */
  #dropFor(priority: number, error: RejectedError): boolean {
    const oldest = this.#dispatcher.lowest();
    if (oldest === undefined || (oldest.options.priority ?? 0) > priority) return false;
    this.#dispatcher.leave(oldest);
    this.#settlement.settle(oldest, { error });
    return true;
  }

  /** Settles a job that no worker gets. `cancel` and `abort` have no effect on it. */
  #settleElsewhere(job: Job, outcome: Outcome | Promise<Outcome>): Job {
    job.state = SETTLED;
    void Promise.resolve(outcome).then((known) => this.#settlement.settle(job, known));
    return job;
  }

  /** Called before a job is sent to a worker. */
  #sending(worker: PoolWorker, job: Job): void {
    this.#nestedWaits.enter(job);
    this.#sent++;
    if (!job.pinned) this.#supervisor.assigned(worker);
    if (worker.ready) this.#started(worker, job);
  }

  /** Sends a job that is for this worker. It counts for no limit. */
  #sendAlone(worker: PoolWorker, job: PinnedJob): void {
    worker.stopTimer?.();
    this.#alone++;
    whenDone(job.future, () => this.#alone--);
    this.#dispatcher.sendAlone(worker, job);
    this.#supervisor.setActive(true, true);
    worker.flush();
  }

  /** Called when workers may take more. */
  #advance(): void {
    this.#broadcasts.advance();
    this.#dispatcher.dispatch();
    this.#waits.look();
  }

  /** The callers that wait for the pool. */
  get waits(): PoolWaits {
    return this.#waits;
  }

  /** A worker is ready, and has started the jobs that it was sent before. */
  #begin(worker: PoolWorker): void {
    this.#dispatcher.begin(worker);
    for (const job of worker.sent.values()) if (job.state === SENT) this.#started(worker, job);
  }

  #started(worker: PoolWorker, job: Job): void {
    this.#limits.sent(worker, job);
    this.#settlement.started(job, worker.id);
  }

  #setUp(worker: PoolWorker): void {
    const { initializer } = this.#settings;
    const task = initializer && this.#book.known(initializer);
    const sticky = this.#broadcasts.settledSticky;
    setUp(worker, {
      settings: this.#settings,
      encoder: this.#encoder,
      concurrency: this.#nestedWaits.own,
      initializer: task,
      sticky,
      fault: (error) => this.#fault(worker, error),
    });
    this.#broadcasts.starting(worker);
    for (const each of [task, ...sticky.map((run) => run.task)]) {
      if (each !== undefined) this.#dispatcher.define(worker, each);
    }
  }

  #receive(worker: PoolWorker, message: IncomingMessage): void {
    const { reader } = message;
    message.references = worker.objectServer;
    const time = now();
    let onlyOutput = true;
    while (message.more) {
      const operation = message.operation();
      if (operation === op.OUTPUT) {
        worker.print(reader);
        continue;
      }
      onlyOutput = false;
      switch (operation) {
        case op.DONE:
        case op.FAILED:
        case op.CHUNK_DONE:
          this.#answer(worker, message, operation, time);
          break;
        case op.STARTED:
          this.#limits.started(worker, reader.u32());
          break;
        case op.PROGRESS: {
          const job = worker.sent.get(reader.u32());
          const { value, error } = readValue(message);
          if (error !== undefined) this.#fault(worker, error);
          else if (job !== undefined) reportProgress(job.future, value);
          break;
        }
        case op.VALUES:
        case op.ONE_VALUE: {
          const job = worker.sent.get(reader.u32());
          const value = readValue(message);
          if (job instanceof StreamJob) job.arrive(value, operation === op.VALUES);
          break;
        }
        case op.RECALLED:
          this.#dispatcher.recalled(worker, reader);
          break;
        case op.FAULT: {
          const error = readError(message);
          if (this.#settings.supervise === undefined || worker.state === ENDING) this.#fault(worker, error);
          else this.#supervisor.fail(worker, error);
          break;
        }
        default:
          if (operation < op.REQUEST) this.#supervisor.control(worker, operation, message);
          else worker.objectServer.take(operation, message);
      }
    }
    if (onlyOutput) return;
    this.#broadcasts.advance();
    this.#supervisor.onIdle(worker);
    this.#dispatcher.dispatch();
    this.#updateSupervisor();
  }

  /** Handles the answer of a worker to a job. */
  #answer(worker: PoolWorker, message: IncomingMessage, operation: number, time: number): void {
    const { reader } = message;
    const id = reader.u32();
    const [runTime, heldTime, syncTime] = [reader.duration(), reader.duration(), reader.duration()];
    const dropped = worker.dropped.get(id);
    if (dropped !== undefined) {
      worker.dropped.delete(id);
      return void readOutcome(message, operation, dropped.items);
    }
    const job = worker.sent.get(id);
    // The task of this answer cannot be found, and would wait for ever.
    if (job === undefined) throw new MalformedMessage("Cannot read an answer to a task that was not sent");
    const outcome = readOutcome(message, operation, job.items);
    worker.sent.delete(id);
    this.#nestedWaits.leave(id, job);
    worker.left = false;
    worker.load = worker.sent.size === 0 ? 0 : worker.load - job.estimate;
    this.#sent--;
    this.#resources?.end(job);
    worker.failed = this.#settings.deathLimit === 1 && operation === op.FAILED;
    this.#supervisor.proved(worker);
    if (job.window === 0) job.task.learn(runTime / (job.items || 1));
    if (job.window === 0 && this.#nestedWaits.learn(runTime, syncTime)) {
      this.#supervisor.workers.forEach((each) => this.#nestedWaits.tell(each));
    }
    this.#settlement.metrics.runTime.record(runTime);
    this.#settlement.metrics.transferTime.record(Math.max(0, time - job.sentAt! - heldTime));
    this.#escalation.ended(job, outcome);
  }

  #fault(worker: PoolWorker, error: unknown): void {
    if (!this.#announce("error", () => ({ error, workerId: worker.id }))) runtime.printError(error);
  }

  /**
   * Handles the loss of a worker. Its running jobs are lost. Jobs that it has not started return to the front of the
   * queue, if they can be sent again.
   */
  #workerGone(
    worker: PoolWorker,
    error: (task?: string) => WorkerLostError,
    unexpected: boolean,
    reason?: BreakReason,
  ): boolean {
    const { supervise } = this.#settings;
    const verdict = !unexpected || supervise === undefined ? undefined : reason ?? supervise({
      error: worker.violation ?? error(),
      constructing: !worker.ready && worker.violation !== undefined,
      loss: error,
    });
    const told = typeof verdict === "object" && verdict.told === true;
    if (typeof verdict === "number") this.#supervisor.delay(verdict);
    void worker.objectServer.end(unexpected || worker.killed || worker.failed);
    this.#broadcasts.gone(worker, unexpected ? error : undefined);
    const { lost, rest } = worker.split();
    worker.sent.clear();
    this.#sent -= lost.length + rest.length;
    for (const job of [...lost, ...rest]) {
      this.#nestedWaits.leave(job.id, job);
      this.#resources?.end(job);
    }
    for (const job of rest.reverse()) {
      if (job.aborted === undefined && job.state === SENT) this.#dispatcher.putBack(job);
    }
    for (const job of [...lost, ...rest.filter(({ aborted }) => aborted !== undefined)]) {
      if (job.aborted === undefined) {
        if (job.state !== SENT) continue;
        this.#settlement.metrics.lost++;
        // The program has ended the worker, so that its tasks have not failed.
        if (told) job.aborted = { reason: error(job.task.definition.name), late: false, gentle: true };
      }
      this.#escalation.ended(job, { error: error(job.task.definition.name) });
    }
    if (typeof verdict === "object") this.break(verdict);
    if (unexpected && this.#settings.onWorkerLost === "break") {
      this.break({ message: "one of its workers died", cause: error("unknown") });
    }
    this.#dispatcher.dispatch();
    this.#updateSupervisor();
    return lost.length > 0;
  }

  /** Rejects all tasks, ends the workers, and accepts no more tasks. */
  break(reason: BreakReason): void {
    if (this.#admission.broken) return;
    this.#admission.break(reason);
    const error = () => withoutFrames(() => this.#admission.error(reason.Failure));
    this.#reservations.clear(error(), reason.told === true);
    this.#broadcasts.break(error);
    this.#waits.end();
    rejectAll(this.#parts, error, reason.told);
    this.#supervisor.killAll();
    this.#updateSupervisor();
    this.onBreak?.(error);
  }

  get #parts(): Parts {
    return {
      dispatcher: this.#dispatcher,
      retries: this.#retries,
      workers: this.#supervisor.workers,
      escalation: this.#escalation,
      settlement: this.#settlement,
    };
  }

  #updateSupervisor(): void {
    const active = this.#dispatcher.waiting + this.#retries.paused.size + this.#sent > this.#streams.stalled;
    this.#supervisor.setActive(active || this.#broadcasts.active, this.#reservations.size > 0);
    this.#waits.look();
  }
}
