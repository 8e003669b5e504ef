/**
 * The owner of an actor: an engine with one worker, whose jobs are calls of methods. The common part of `ThreadActor`
 * and `ProcessActor`.
 *
 * @module
 */

import { InvalidStateError } from "../../core/errors.ts";
import type { OptionNames } from "../../core/options.ts";
import { checkWait, type WaitOptions } from "../../core/wait_options.ts";
import { WaitQueue } from "../../core/wait_queue.ts";
import type { ActorPlace, PlacedOptions } from "../../futures/actor_handle.ts";
import type { SubmitOptions } from "../../futures/executor.ts";
import { fulfil, Future, reject } from "../../futures/future.ts";
import type { FutureSource } from "../../futures/source.ts";
import { failedStream, type Stream, TaskStream } from "../../futures/stream.ts";
import { rejectAlone, UnobservedFailures } from "../../futures/unobserved.ts";
import { runtime } from "../../runtime/mod.ts";
import {
  type ActorClass,
  type ActorConstructor,
  type ActorMethods,
  methodsOf,
  requireActorClass,
} from "../../task/actor.ts";
import { carriedValues } from "../../task/carry.ts";
import { refuseWhileLoading } from "../../task/current.ts";
import type { Definition } from "../../task/task.ts";
import { systemClock } from "../../time/system_clock.ts";
import { copyValue } from "../../wire/one_loop.ts";
import type { Channel } from "../../wire/out_of_band.ts";
import type { Named } from "../../worker/identity.ts";
import type { BreakReason } from "../engine/break_reason.ts";
import { captureCaller } from "../engine/caller.ts";
import { Engine } from "../engine/engine.ts";
import { lossError } from "../engine/exits.ts";
import type { StreamJob } from "../engine/stream_job.ts";
import type { Submission } from "../engine/submission.ts";
import type { Announce } from "../events.ts";
import { checkPoolOptions, type PoolOptions, type Settings, START_TIMEOUT, type WorkerFailure } from "../options.ts";
import type { WorkerEvents, WorkerHandle } from "../workers/pool_worker.ts";
import type { Restarts } from "../workers/restarts.ts";
import { checkSingleWorker, copyArgs, type SingleWorkerOptions } from "../workers/single_worker_options.ts";
import { stopAtEnd } from "./stop_at_end.ts";

/** Options of actors. */
export interface ActorOptions extends SingleWorkerOptions {
  /** Maximum number of calls in progress; 1 by default. */
  concurrency?: PoolOptions["concurrency"];
  /** Milliseconds that the disposal of the object may take at a graceful end; 1,000 by default. */
  grace?: number | undefined;
  /** Maximum number of waiting calls; unlimited by default. Calls beyond it reject with a `RejectedError`. */
  queueLimit?: number | undefined;
}

/** The names of {@linkcode ActorOptions}, for lists of allowed options. */
export const ACTOR_OPTIONS = {
  name: true,
  daemon: true,
  restart: true,
  concurrency: true,
  grace: true,
  queueLimit: true,
} as const;

/** The kinds of actors. */
export type ActorKind = "ThreadActor" | "ProcessActor";

/** The parts that depend on the kind of actor. */
export interface ActorHost<O extends ActorOptions> {
  readonly kind: ActorKind;
  readonly known: OptionNames<O>;
  readonly channel: Channel;
  /** Whether the creating thread or process is a daemon. */
  readonly inherited: boolean;
  readonly announce: Announce;
  /** Starts a worker. */
  start(owner: ActorOwner, events: WorkerEvents): WorkerHandle;
}

const NEW = 0, STARTED = 1, ENDED = 2;

/** A method that goes on after an abort keeps its place. */
const UNLIMITED: SubmitOptions = Object.assign(Object.create(null), { grace: Infinity });

/** One worker, one object. */
export class ActorOwner implements ActorPlace, FutureSource, Named {
  readonly name: string;
  readonly daemon: boolean;
  readonly definition: Definition;
  readonly methods: ActorMethods;
  /** Settles when the actor has ended, or has failed for good. */
  readonly result: Future<void> = new Future<void>(this);
  /** Resolves when the actor has ended. */
  readonly ended: Promise<void>;
  readonly #kind: ActorKind;
  readonly #args: unknown[];
  readonly #restarts: Restarts | undefined;
  readonly #settings: Settings;
  readonly #engine: Engine;
  readonly #joining: WaitQueue<undefined, true>;
  readonly #unobserved: UnobservedFailures;
  /** The definitions of the methods that were called. */
  readonly #definitions = new Map<string, Definition>();
  #settleEnded!: () => void;
  #state: number = NEW;
  /** Whether the program has ended the worker: then calls have not failed, and the worker is not started again. */
  #stopped = false;
  #closing: Promise<void> | undefined;
  #leaveAlone: (() => void) | undefined;
  /** The worker, once started. */
  handle: WorkerHandle | undefined;

  constructor(cls: unknown, args: unknown, given: ActorOptions, host: ActorHost<ActorOptions>) {
    const { kind, known, channel, inherited, announce } = host;
    this.definition = requireActorClass(`Cannot make a ${kind}`, cls);
    const { name, daemon, ...rest } = checkSingleWorker(kind, args, given, inherited, known);
    this.#kind = kind;
    this.name = name;
    this.daemon = daemon;
    this.#args = rest.args;
    this.#restarts = rest.restarts;
    this.methods = methodsOf((cls as ActorClass<ActorConstructor>).cls);
    this.#joining = new WaitQueue(systemClock, `Cannot join ${name}`);
    this.#unobserved = new UnobservedFailures((failure) => announce("unobserved", () => failure));
    this.ended = new Promise((resolve) => this.#settleEnded = resolve);
    const { concurrency, grace, queueLimit } = given;
    const options = { concurrency, grace, queueLimit, maxWorkers: 1, minWorkers: 1, startTimeout: Infinity, name };
    this.#settings = {
      ...checkPoolOptions(kind, { ...options, overflow: "reject" }),
      initializer: this.definition,
      initArgs: this.#args,
      loadTimeout: START_TIMEOUT,
      deathLimit: Infinity,
      // Calls before the start do not keep the program alive.
      daemon: true,
      supervise: (failure) => this.#supervise(failure),
    };
    this.#engine = new Engine(
      this.#settings,
      channel,
      (_id, events) => this.handle = host.start(this, events),
      announce,
    );
    this.#engine.onBreak = (error) => this.#broken(error());
    this.#engine.pause();
  }

  /** Whether the actor was started and has not ended. */
  get alive(): boolean {
    return this.#state === STARTED;
  }

  /** Whether the actor runs; for its result. */
  get running(): boolean {
    return this.alive;
  }

  /** The state that is printed. */
  get state(): "new" | "running" | "ended" {
    return this.alive ? "running" : this.#state === NEW ? "new" : "ended";
  }

  /** Starts the worker, which makes the object. */
  start(): void {
    if (this.#state !== NEW) throw new InvalidStateError(`Cannot start ${this.name} as it was started before`);
    refuseWhileLoading(this.#kind);
    this.#state = STARTED;
    // The settings have the same array.
    if (this.#restarts !== undefined) this.#args.splice(0, Infinity, ...copyArgs(this.#args));
    this.#settings.daemon = this.daemon;
    if (!this.daemon) this.#leaveAlone = stopAtEnd(() => this.stop());
    this.#engine.resume();
    this.#engine.open();
  }

  call(method: string, args: unknown[], options: PlacedOptions): Future<unknown> {
    if (this.#engine.state === "open") return this.#engine.submit(this.#submission(method, args, options)).future;
    const refused = new Future<unknown>();
    rejectAlone(refused, this.#endedError(method));
    return refused;
  }

  stream(method: string, args: unknown[], options: PlacedOptions): Stream<unknown> {
    if (this.#engine.state !== "open") return failedStream(this.#endedError(method));
    const job = this.#engine.submit({ ...this.#submission(method, args, options), streams: true });
    return new TaskStream(job as StreamJob);
  }

  /** Lets accepted calls end, then disposes of the object. */
  async stop(options?: WaitOptions): Promise<void> {
    const limits = checkWait(`Cannot stop ${this.name}`, options);
    if (this.#state === NEW) return this.#drop();
    if (this.#state === STARTED) this.#close();
    await this.#wait(limits, true);
  }

  /** Waits until the actor has ended. */
  async join(options?: WaitOptions): Promise<void> {
    const limits = checkWait(`Cannot join ${this.name}`, options);
    if (this.#state === NEW) throw new InvalidStateError(`Cannot join ${this.name} before it was started`);
    await this.#wait(limits, false);
  }

  /** Ends the worker at once; resolves when it is gone. No effect if it is not alive. */
  async kill(signal?: "SIGKILL" | "SIGTERM"): Promise<void> {
    if (!this.alive) return;
    this.#stopped = true;
    if (this.#engine.workers().length > 0) this.handle?.kill(signal);
    else this.#engine.break(this.#stoppedReason(() => this.#loss()));
    await this.#wait(checkWait(`Cannot end ${this.name}`, undefined), true);
  }

  /** The result has no task to cancel. */
  cancel(): boolean {
    return false;
  }

  /** An abort of the result ends the worker. */
  abort(reason: unknown): void {
    reject(this.result, reason);
    if (this.alive) void this.kill("SIGKILL");
    else this.#drop();
  }

  async #wait(limits: ReturnType<typeof checkWait>, keeps: boolean): Promise<void> {
    if (this.#state === ENDED) return this.#unobserved.close();
    // The engine of a daemon keeps no program alive.
    const release = keeps && this.daemon ? runtime.keepAlive() : undefined;
    try {
      await this.#joining.join(undefined, limits);
      this.#unobserved.close();
    } finally {
      release?.();
    }
  }

  #submission(method: string, args: unknown[], given: PlacedOptions): Submission {
    const { signal, timeout, carried = carriedValues() } = given;
    let definition = this.#definitions.get(method);
    if (definition === undefined) {
      const { url, name } = this.definition;
      definition = { url, name: `${name}.${method}`, source: undefined, fn: undefined, method };
      this.#definitions.set(method, definition);
    }
    const limited = signal !== undefined || timeout !== undefined;
    const options = limited ? Object.assign(Object.create(null), UNLIMITED, { signal, timeout }) : UNLIMITED;
    return { definition, args, options, items: undefined, caller: captureCaller(), carried };
  }

  #endedError(method: string): InvalidStateError {
    return new InvalidStateError(`Cannot call '${method}' of ${this.name} after its end`);
  }

  #supervise({ error, constructing, loss }: WorkerFailure): number | BreakReason {
    if (this.#stopped) return this.#stoppedReason(loss);
    const restarts = this.#restarts;
    const delay = restarts?.next();
    if (delay !== undefined) return delay;
    const failure = restarts !== undefined
      ? () => restarts.error(this.name, error)
      : constructing
      ? () => copyValue(error, "error")
      : loss;
    return { message: "its worker failed", cause: error, error: failure };
  }

  #stoppedReason(error: () => unknown): BreakReason {
    return { message: "it was ended", cause: undefined, error, told: true };
  }

  #loss(): Error {
    return lossError(`Lost ${this.name}: it was ended before its next start`, {
      code: undefined,
      signal: undefined,
      stderr: "",
      error: undefined,
    });
  }

  /** The actor has failed for good, or was ended. */
  #broken(error: unknown): void {
    if (!reject(this.result, error) && !this.#stopped) {
      this.#unobserved.add(this.result, this.definition.name, error);
    }
    if (this.#state === STARTED) this.#close();
  }

  /** Ends an actor that was never started. */
  #drop(): void {
    if (this.#state !== NEW) return;
    this.#stopped = true;
    this.#state = ENDED;
    fulfil(this.result, undefined);
    const error = () => new InvalidStateError(`Cannot call ${this.name}: it was stopped before its start`);
    this.#engine.break(this.#stoppedReason(error));
    this.#end();
  }

  #close(): void {
    this.#closing ??= this.#engine.shutdown({}).then(() => this.#end());
  }

  #end(): void {
    this.#state = ENDED;
    this.#leaveAlone?.();
    fulfil(this.result, undefined);
    this.#settleEnded();
    this.#joining.admit(() => true);
  }
}
