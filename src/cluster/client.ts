/**
 * The client behind a `ClusterExecutor`: submits tasks and settles their futures.
 *
 * Longer than other files, as all parts of an executor meet here, and their hooks are closures over its state.
 *
 * @module
 */

import { type BrokenExecutorError, CancelledError, InvalidStateError, RejectedError } from "../core/errors.ts";
import { withoutFrames } from "../core/frames.ts";
import type { ShutdownOptions } from "../futures/executor.ts";
import type { Dropped, Host, Reservation, Revoked } from "../futures/reservation.ts";
import type { UnobservedFailures } from "../futures/unobserved.ts";
import { Admission } from "../pool/engine/admission.ts";
import type { Announce } from "../pool/events.ts";
import { Reservations } from "../pool/engine/reservations.ts";
import { PoolWaits } from "../pool/engine/waits.ts";
import { type ClusterSubmission, ClusterTask, HELD, SENT, WAITING } from "./cluster_task.ts";
import { Codec, findHere } from "./codec.ts";
import { closeObject, letProgramEnd, placeOf } from "./connection.ts";
import { Dead, type DeadTask } from "./dead.ts";
import { type EngineQueue, listen } from "./engine.ts";
import { EventStream, type Fields, MOST_EVENTS } from "./event_stream.ts";
import { HostList } from "./host_list.ts";
import { type ClusterSettings, engineOptions } from "./options.ts";
import { type JobData, Outbox } from "./outbox.ts";
import { Pending } from "./pending.ts";
import { CONTROL, CONTROL_EVENTS, TASK_EVENTS, TaskEvents, type Told, WHO } from "./task_events.ts";
import { Settlement } from "./settlement.ts";
import { Stopper } from "./stopper.ts";
import { Sweep } from "./sweep.ts";

/** The settings of a client. */
export interface ClientSettings extends ClusterSettings {
  readonly name: string;
  readonly onHostLoss: "retry" | "fail";
  readonly resultTtl: number;
  readonly queueLimit: number;
  readonly overflow: "wait" | "reject";
}

/** Submits tasks, and settles their futures. */
export class Client implements Host {
  readonly settlement: Settlement;
  readonly hosts: HostList;
  readonly sweep: Sweep;
  /** The callers that wait for room. */
  readonly waits: PoolWaits;
  readonly #settings: ClientSettings;
  readonly #codec: Codec;
  readonly #queue: EngineQueue;
  readonly #control: EngineQueue;
  readonly #results: EventStream;
  readonly #orders: EventStream;
  readonly #events: TaskEvents;
  readonly #pending: Pending;
  readonly #stopper: Stopper;
  readonly #outbox: Outbox;
  readonly #dead: Dead;
  readonly #admission: Admission;
  readonly #reservations: Reservations;
  /** Resolves once tasks can be sent and their events are heard. */
  readonly opened: Promise<void>;
  #ended: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;
  /** The error of futures whose tasks are left to the hosts. */
  #left: InvalidStateError | undefined;

  constructor(settings: ClientSettings, announce: Announce) {
    const { engine, queue, clock, lease } = settings;
    this.#settings = settings;
    this.#codec = new Codec(settings.maxPayloadBytes, findHere);
    this.#admission = new Admission(settings.name);
    this.#reservations = new Reservations(this.#admission, () => this.#update());
    const streams = { streams: { events: { maxLen: MOST_EVENTS } } };
    // Clients look for lost hosts too: no host is left to look for the last one.
    const checks = { maxStalledCount: 1e6, stalledInterval: Math.ceil(lease / 2) };
    this.#queue = new engine.Queue(queue, engineOptions(settings, { ...streams, ...checks }));
    this.#control = new engine.Queue(queue + CONTROL, engineOptions(settings, { skipMetasUpdate: true }));
    for (const object of [this.#queue, this.#control]) {
      // A lost connection comes back. Requests that wait for it have limits of their own.
      listen(object, "error", () => {});
      letProgramEnd(object);
    }
    this.hosts = new HostList(clock, lease);
    this.waits = new PoolWaits({
      name: settings.name,
      isReady: () => true,
      room: () => this.#room,
      requireOpen: () => this.requireOpen(),
    }, clock);
    this.#pending = new Pending(() => this.#update());
    this.settlement = new Settlement(announce, clock, (task, reason) => this.abort(task, reason), (task) => {
      this.#pending.delete(task);
    });
    this.#stopper = new Stopper({
      queue: this.#queue,
      codec: this.#codec,
      pending: this.#pending,
      settlement: this.settlement,
      now: () => clock.now(),
      publish: (event, fields) => this.#orders.publish(event, fields),
      changed: () => this.#update(),
    });
    this.#outbox = new Outbox(this.#queue, {
      resultTtl: settings.resultTtl,
      onHostLoss: settings.onHostLoss,
      accepted: (task) => this.#accepted(task),
      refused: (task, error) => this.#refused(task, error),
    });
    this.#events = new TaskEvents({
      queue: this.#queue,
      codec: this.#codec,
      pending: this.#pending,
      settlement: this.settlement,
      stopper: this.#stopper,
      hosts: this.hosts,
      now: () => clock.now(),
    });
    this.sweep = new Sweep({
      settings,
      queue: this.#queue,
      pending: this.#pending,
      hosts: this.hosts,
      look: (jobId, state) => this.#events.look(jobId, state),
      started: (task) => this.settlement.started(task),
      fail: (task, error) => this.settlement.settle(task, { error }),
      cancelled: (task) => this.settlement.cancelled(task),
      lost: (error) => this.#lost(error),
      after: () => this.#stopper.repeat(),
      begin: () => [this.#results, this.#orders].forEach((stream) => stream.expect()),
      check: () => [this.#results, this.#orders].forEach((stream) => stream.check()),
    });
    this.#dead = new Dead(this.#queue, this.#codec);
    const hooks = {
      heard: (event: string, fields: Fields) => {
        this.sweep.heard();
        this.#events.heard(event, fields as Told);
        // A host with free places may have come.
        this.waits.look();
      },
      missed: () => this.#missed(),
      idle: true,
    };
    this.#results = new EventStream(settings, this.#queue, queue, TASK_EVENTS, hooks);
    this.#orders = new EventStream(settings, this.#control, queue + CONTROL, CONTROL_EVENTS, hooks);
    this.opened = Promise.all([this.#results.open(), this.#orders.open()]).then(() => {
      void this.#orders.publish(WHO, {}).catch(() => {});
      this.#outbox.open();
    });
    this.opened.catch(() => {});
  }

  get name(): string {
    return this.#settings.name;
  }

  get unobserved(): UnobservedFailures {
    return this.settlement.unobserved;
  }

  /** The numbers of waiting and of running tasks. */
  get counts(): { waiting: number; running: number } {
    let running = 0;
    for (const task of this.#pending.all()) if (task.running) running++;
    return { waiting: this.#pending.size - running, running: running + this.#stopper.size };
  }

  /** Whether it takes tasks, and if not, why. */
  get state(): "open" | "broken" | "shut down" {
    return this.#admission.open ? "open" : this.#admission.broken ? "broken" : "shut down";
  }

  requireOpen(): void {
    this.#admission.requireOpen();
  }

  /** The address of the server, for messages. */
  get place(): string {
    return placeOf(this.#settings);
  }

  /** Takes a task. */
  submit(submission: ClusterSubmission, args: unknown[]): ClusterTask {
    this.requireOpen();
    const { options, items, carried } = submission;
    const task = new ClusterTask(this.#stopper, submission, this.#settings.clock.now());
    if (options.signal?.aborted) {
      this.settlement.dropped(task, options.signal.reason);
      return task;
    }
    try {
      // A chunk of one item is a plain task.
      task.args = this.#codec.args(items === 1 ? args[0] as unknown[] : args);
      if (carried !== undefined) task.carried = this.#codec.value(carried, "carry");
    } catch (error) {
      this.settlement.settle(task, { error });
      return task;
    }
    if (items === undefined && this.#full && this.#settings.overflow === "reject") {
      const { name, queueLimit } = this.#settings;
      const error = new RejectedError(`Cannot submit to ${name}: its queue is full (queueLimit is ${queueLimit})`);
      this.settlement.settle(task, { error });
      return task;
    }
    this.#pending.add(task);
    this.settlement.watch(task);
    this.#outbox.add(task);
    this.waits.submitted();
    return task;
  }

  /** Holds back submitted tasks until `resume` or a shutdown. */
  pause(): void {
    this.requireOpen();
    this.#outbox.pause(true);
  }

  /** Sends the tasks that were held back. */
  resume(): void {
    this.#outbox.pause(false);
  }

  /** Rejects all futures as cancelled, and makes the hosts abort running tasks. */
  terminate(): Promise<void> {
    const error = () => withoutFrames(() => new CancelledError(`The task was cancelled: ${this.name} was terminated`));
    this.#admission.close();
    this.#reservations.clear(error(), true);
    for (const task of this.#pending.all()) this.#stopper.abort(task, error());
    return this.shutdown({});
  }

  /** Returns the task with an id, wherever it was submitted. */
  find(id: string): ClusterTask {
    this.requireOpen();
    const task = this.#adopt(id);
    this.opened.then(() => this.#events.adopt(task)).catch((error) => this.settlement.settle(task, { error }));
    return task;
  }

  /** Reads the tasks that have failed for good. */
  async dead(): Promise<DeadTask[]> {
    this.requireOpen();
    await this.opened;
    return await this.#dead.list();
  }

  /** Runs a task again that has failed for good. */
  async retryDead(id: string): Promise<ClusterTask> {
    this.requireOpen();
    await this.opened;
    const job = await this.#dead.take(id);
    const task = this.#adopt(id);
    task.name = job.name;
    try {
      await this.#dead.revive(job, id);
    } catch (error) {
      this.#pending.delete(task);
      throw error;
    }
    return task;
  }

  abort(task: ClusterTask, reason: unknown): void {
    this.#stopper.abort(task, reason);
  }

  reserve(revoked: (how: Revoked) => void): Reservation | undefined {
    return this.#reservations.add(revoked);
  }

  watch(dropped: Dropped): () => void {
    return this.#reservations.watch(dropped);
  }

  /** Takes no more tasks, and ends once all futures are done. */
  shutdown({ wait = true, cancelFutures = false }: ShutdownOptions): Promise<void> {
    this.#admission.close();
    if (cancelFutures) {
      for (const task of this.#pending.all()) task.cancel();
      this.#reservations.revoke({ cancelled: true });
    }
    this.waits.end();
    this.resume();
    if (!wait) this.#leave();
    this.#ended ??= this.#end();
    this.#update();
    return wait ? this.#ended : Promise.resolve();
  }

  /** Whether the queue of this executor is full. */
  get #full(): boolean {
    return this.#room <= 0;
  }

  /** The number of further tasks that the executor accepts. */
  get #room(): number {
    return this.#settings.queueLimit + this.hosts.places - this.#pending.size;
  }

  #adopt(id: string): ClusterTask {
    const { clock } = this.#settings;
    const task = new ClusterTask(
      this.#stopper,
      { id, name: "", options: {}, items: undefined, caller: undefined, carried: undefined },
      clock.now(),
    );
    task.state = WAITING;
    task.acceptedAt = task.seenAt = clock.now();
    task.future.settleAccepted({});
    this.#pending.add(task);
    return task;
  }

  #accepted(task: ClusterTask): void {
    const now = this.#settings.clock.now();
    this.sweep.heard();
    if (task.state === SENT) task.state = WAITING;
    task.acceptedAt = task.seenAt = now;
    task.future.settleAccepted({});
    // It was given up while the server was away.
    if (task.future.done && task.aborted === undefined && !task.cancelling) {
      void this.#queue.remove(task.jobId).catch(() => {});
      return;
    }
    this.#stopper.accepted(task);
    if (this.#left !== undefined && !task.future.done) return this.settlement.abandoned(task, this.#left);
    if (task.nonce !== undefined) void this.#compare(task);
  }

  /** Compares a task with a key with the task that already has it. */
  async #compare(task: ClusterTask): Promise<void> {
    try {
      const job = await this.#queue.getJob(task.jobId);
      if (job === undefined || (job.data as JobData | null)?.nonce === task.nonce || task.future.done) return;
      if (job.name === task.name) return await this.#events.look(task.jobId);
      const message = `Cannot submit '${task.name}' as the key ${JSON.stringify(task.id)} is in use for '${job.name}'`;
      this.settlement.settle(task, { error: new InvalidStateError(message) });
    } catch {
      // The next poll compares again.
      task.seenAt = 0;
    }
  }

  #refused(task: ClusterTask, error: unknown): void {
    if (task.aborted === undefined) this.settlement.settle(task, { error });
    this.#stopper.ended(task.jobId, true);
  }

  /** Events may have been missed: polls all tasks. */
  #missed(): void {
    for (const task of this.#pending.all()) task.seenAt = 0;
    void this.#orders.publish(WHO, {}).catch(() => {});
  }

  #lost(error: BrokenExecutorError): void {
    for (const task of this.#pending.all()) this.settlement.settle(task, { error });
    this.#stopper.giveUp();
  }

  /** Leaves the tasks to the hosts. */
  #leave(): void {
    this.#left = new InvalidStateError(`${this.name} was shut down, and does not wait for the task`);
    for (const task of this.#pending.all()) {
      // Tasks on their way are sent first.
      if (task.state !== HELD && task.state !== SENT) this.settlement.abandoned(task, this.#left);
    }
    this.#stopper.giveUp();
  }

  async #end(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      this.#update();
    });
    const { clock } = this.#settings;
    await Promise.all([
      this.#results.close(),
      this.#orders.close(),
      closeObject(this.#queue, clock),
      closeObject(this.#control, clock),
    ]);
    this.unobserved.close();
  }

  #update(): void {
    const busy = this.#pending.size + this.#stopper.size > 0;
    this.sweep.set(busy);
    this.waits.look();
    if (!busy && this.#reservations.size === 0 && this.#onIdle !== undefined) {
      this.#onIdle();
      this.#onIdle = undefined;
    }
  }
}
