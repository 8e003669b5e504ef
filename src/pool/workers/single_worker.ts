/**
 * A single worker, which runs one task and ends: the common part of `Thread` and `Process`.
 *
 * @module
 */

import { show } from "../../core/check.ts";
import { checkOptions, type OptionNames } from "../../core/options.ts";
import { BrokenExecutorError, InvalidStateError, WorkerLostError } from "../../core/errors.ts";
import { checkWait, type WaitOptions } from "../../core/wait_options.ts";
import { WaitQueue } from "../../core/wait_queue.ts";
import { fulfil, Future, markCancelled, reject, reportProgress } from "../../futures/future.ts";
import type { FutureSource } from "../../futures/source.ts";
import { UnobservedFailures } from "../../futures/unobserved.ts";
import { runtime } from "../../runtime/mod.ts";
import type { HostExit } from "../../runtime/types.ts";
import { carriedValues } from "../../task/carry.ts";
import { refuseWhileLoading } from "../../task/current.ts";
import { type Definition, requireDefinition } from "../../task/task.ts";
import { systemClock } from "../../time/system_clock.ts";
import type { Channel } from "../../wire/out_of_band.ts";
import { keepUntil, type Named } from "../../worker/identity.ts";
import { captureCaller } from "../engine/caller.ts";
import { Engine } from "../engine/engine.ts";
import { type Announce, announceToNobody } from "../events.ts";
import { describeExit, lossError } from "../engine/exits.ts";
import { checkPoolOptions, type Settings, START_TIMEOUT } from "../options.ts";
import type { WorkerEvents, WorkerHandle } from "./pool_worker.ts";

/** Options of threads and processes. */
export interface SingleWorkerOptions {
  /** The name; a name with a number by default. */
  name?: string | undefined;
  /**
   * Whether the program may end without waiting for the worker; inherited from the creating thread or process by
   * default.
   */
  daemon?: boolean | undefined;
}

/**
 * The parameters after the task: its arguments, optional if the task needs none, and options.
 *
 * @typeParam A the parameters of the task.
 * @typeParam O the options.
 */
export type StartArguments<A extends unknown[], O> = [] extends A ? [args?: NoInfer<Readonly<A>>, options?: O]
  : [args: NoInfer<Readonly<A>>, options?: O];

/** The names of {@linkcode SoloOptions}, for lists of allowed options. */
export const SINGLE_WORKER_OPTIONS = { name: true, daemon: true } as const;

/** The kinds of single workers. */
export type SingleWorkerKind = "Thread" | "Process";

/** Number of workers created without a name. */
const made = { Thread: 0, Process: 0 };

const NEW = 0, STARTED = 1, ENDED = 2;

/** One worker, one task. */
export class SingleWorker implements FutureSource, Named {
  readonly name: string;
  readonly daemon: boolean;
  readonly definition: Definition;
  /** The result of the task. */
  readonly result: Future<unknown> = new Future<unknown>(this);
  /** Resolves when the worker is gone. */
  readonly ended: Promise<void>;
  readonly #kind: SingleWorkerKind;
  readonly #args: unknown[];
  readonly #joining: WaitQueue<undefined, true>;
  readonly #unobserved: UnobservedFailures;
  #settleEnded!: () => void;
  #state: number = NEW;
  #job: Future<unknown> | undefined;
  /** Whether the worker was told to stop: a task that then fails was aborted. */
  #stopped = false;
  #interrupt: ((reason: unknown) => void) | undefined;
  /** The worker, once started. */
  handle: WorkerHandle | undefined;
  /** The worker's exit, once gone. */
  exit: HostExit | undefined;
  /** Whether the task itself failed, and not its worker. */
  failed = false;

  constructor(
    kind: SingleWorkerKind,
    announce: Announce,
    task: unknown,
    args: unknown,
    given: SingleWorkerOptions,
    inherited: boolean,
    known: OptionNames<SingleWorkerOptions>,
  ) {
    this.definition = requireDefinition(task);
    if (!Array.isArray(args)) {
      throw new TypeError(`Cannot make a ${kind} as 'args' must be an array: current value is ${show(args)}`);
    }
    const { name, daemon = inherited } = checkOptions(`Cannot make a ${kind} as 'options'`, given, known);
    if (name !== undefined && typeof name !== "string") {
      throw new TypeError(`Cannot make a ${kind} as 'name' must be a string: current value is ${show(name)}`);
    }
    if (typeof daemon !== "boolean") {
      throw new TypeError(`Cannot make a ${kind} as 'daemon' must be a boolean: current value is ${show(daemon)}`);
    }
    this.#kind = kind;
    this.#args = [...args];
    this.name = name ?? `${kind}-${++made[kind]}`;
    this.daemon = daemon;
    this.#joining = new WaitQueue(systemClock, `Cannot join ${this.name}`);
    this.#unobserved = new UnobservedFailures((failure) => announce("unobserved", () => failure));
    this.ended = new Promise((resolve) => this.#settleEnded = resolve);
  }

  /** Whether the worker was started and is not gone. */
  get alive(): boolean {
    return this.#state === STARTED;
  }

  /** The state that is printed. */
  get state(): "new" | "running" | "ended" {
    return this.alive ? "running" : this.started ? "ended" : "new";
  }

  /** Whether the worker was ever started. */
  get started(): boolean {
    return this.#state !== NEW;
  }

  /** Whether the task is running. */
  get running(): boolean {
    return this.#job?.running === true;
  }

  /**
   * Starts the worker and sends it the task.
   *
   * @throws {InvalidStateError} if it was started before, if its result was cancelled, or while a worker loads the
   * calling module.
   */
  start(channel: Channel, start: (events: WorkerEvents) => WorkerHandle): void {
    if (this.#state !== NEW) throw new InvalidStateError(`Cannot start ${this.name} as it was started before`);
    if (this.result.done) throw new InvalidStateError(`Cannot start ${this.name} as its result was cancelled before`);
    refuseWhileLoading(this.#kind);
    this.#state = STARTED;
    const engine = new Engine(this.#settings(), channel, (_id, events) => {
      const exit = (how: HostExit) => {
        this.exit = how;
        events.exit(how);
      };
      return this.handle = start({ ...events, exit });
    }, announceToNobody);
    const { definition } = this;
    const options = Object.create(null);
    const job = engine.submit({
      definition,
      args: this.#args,
      options,
      items: undefined,
      caller: captureCaller(),
      carried: carriedValues(),
    });
    const { future } = job;
    this.#job = future;
    this.#interrupt = (reason) => engine.abort(job, reason, { gentle: true });
    // Arguments that cannot travel need no worker.
    if (!future.done) engine.open();
    if (!this.daemon) keepUntil(this.ended);
    void engine.shutdown({}).then(() => this.#end());
    future.onProgress((value) => reportProgress(this.result, value));
    future.addDoneCallback(() => this.#settle(future));
  }

  /** Waits until the worker is gone. See the `join` of threads and processes. */
  async join(options?: WaitOptions): Promise<void> {
    const limits = checkWait(`Cannot join ${this.name}`, options);
    if (this.#state === NEW) throw new InvalidStateError(`Cannot join ${this.name} before it was started`);
    if (this.#state === ENDED) return this.#unobserved.close();
    // The program need not wait for a daemon, but a join of it keeps the program alive.
    const release = this.daemon ? runtime.keepAlive() : undefined;
    try {
      await this.#joining.join(undefined, limits);
      this.#unobserved.close();
    } finally {
      release?.();
    }
  }

  /** Ends the worker at once; resolves when it is gone. No effect if it is not alive. */
  async kill(signal?: "SIGKILL" | "SIGTERM"): Promise<void> {
    if (!this.alive) return;
    this.#stopped = true;
    this.handle?.kill(signal);
    await this.join();
  }

  cancel(): boolean {
    if (this.#job !== undefined) return this.#job.cancel();
    markCancelled(this.result);
    return true;
  }

  abort(reason: unknown): void {
    this.#stopped = true;
    if (this.#job !== undefined) this.#job.abort(reason);
    else reject(this.result, reason);
  }

  /** Like `abort`, but the task may still return a value. */
  interrupt(reason: unknown): void {
    this.#stopped = true;
    this.#interrupt?.(reason);
  }

  #settings(): Settings {
    return {
      ...checkPoolOptions(this.#kind, { maxWorkers: 1, minWorkers: 1, startTimeout: Infinity, name: this.name }),
      daemon: this.daemon,
      loadTimeout: START_TIMEOUT,
      deathLimit: 1,
    };
  }

  #settle(future: Future<unknown>): void {
    if (future.cancelled) return markCancelled(this.result);
    try {
      fulfil(this.result, future.resultNow());
    } catch (error) {
      this.failed = this.exit === undefined;
      const failure = this.#lossOf(error);
      const observed = reject(this.result, failure);
      if (!observed && !this.#stopped) this.#unobserved.add(this.result, this.definition.name, failure);
    }
  }

  /** A pool whose worker was killed at its start is broken; here that is the loss of the single worker. */
  #lossOf(error: unknown): unknown {
    const { exit } = this;
    const broken = error instanceof BrokenExecutorError && error.cause instanceof WorkerLostError;
    if (exit === undefined || !broken) return error;
    return lossError(`Lost ${this.name} before it ran task '${this.definition.name}': ${describeExit(exit)}`, exit);
  }

  #end(): void {
    this.#state = ENDED;
    this.#settleEnded();
    this.#joining.admit(() => true);
  }
}
