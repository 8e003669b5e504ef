/**
 * A single worker, which runs one task and ends: the common part of `Thread` and `Process`.
 *
 * @module
 */

import type { OptionNames } from "../../core/options.ts";
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
import { startTimer, systemClock } from "../../time/system_clock.ts";
import type { Channel } from "../../wire/out_of_band.ts";
import { keepUntil, type Named } from "../../worker/identity.ts";
import { type Caller, captureCaller } from "../engine/caller.ts";
import { Engine } from "../engine/engine.ts";
import { type Announce, announceToNobody } from "../events.ts";
import { describeExit, lossError } from "../engine/exits.ts";
import { checkPoolOptions, type Settings, START_TIMEOUT } from "../options.ts";
import type { WorkerEvents, WorkerHandle } from "./pool_worker.ts";
import type { Restarts } from "./restarts.ts";
import {
  checkSingleWorker,
  copyArgs,
  type SingleWorkerKind,
  type SingleWorkerOptions,
} from "./single_worker_options.ts";

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
  #args: unknown[];
  readonly #restarts: Restarts | undefined;
  readonly #joining: WaitQueue<undefined, true>;
  readonly #unobserved: UnobservedFailures;
  #settleEnded!: () => void;
  #state: number = NEW;
  #job: Future<unknown> | undefined;
  /** Whether the worker was told to stop: a task that then fails was aborted. */
  #stopped = false;
  #interrupt: ((reason: unknown) => void) | undefined;
  /** The failure after which the worker is started again. */
  #failure: { readonly error: unknown; readonly delay: number } | undefined;
  /** Ends the delay before a restart. */
  #stopTimer: (() => void) | undefined;
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
    const { name, daemon, ...rest } = checkSingleWorker(kind, args, given, inherited, known);
    this.#kind = kind;
    this.name = name;
    this.daemon = daemon;
    this.#args = rest.args;
    this.#restarts = rest.restarts;
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
    if (!this.daemon) keepUntil(this.ended);
    if (this.#restarts !== undefined) this.#args = copyArgs(this.#args);
    const [caller, carried] = [captureCaller(), carriedValues()];
    const run = () => {
      const engine = new Engine(this.#settings(), channel, (_id, events) => {
        const exit = (how: HostExit) => {
          this.exit = how;
          events.exit(how);
        };
        return this.handle = start({ ...events, exit });
      }, announceToNobody);
      this.#run(engine, caller, carried);
      void engine.shutdown({}).then(() => this.#gone(run));
    };
    run();
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
    this.#stop();
    this.handle?.kill(signal);
    await this.join();
  }

  cancel(): boolean {
    if (this.#job !== undefined) return this.#job.cancel();
    markCancelled(this.result);
    return true;
  }

  abort(reason: unknown): void {
    this.#stop({ error: reason });
    if (this.#job !== undefined) this.#job.abort(reason);
    else reject(this.result, reason);
  }

  /** Like `abort`, but the task may still return a value. */
  interrupt(reason: unknown): void {
    this.#stop();
    this.#interrupt?.(reason);
  }

  #run(engine: Engine, caller: Caller, carried: Record<string, unknown> | undefined): void {
    const { definition } = this;
    const options = Object.create(null);
    const job = engine.submit({ definition, args: this.#args, options, items: undefined, caller, carried });
    const { future } = job;
    this.#job = future;
    this.exit = undefined;
    this.#interrupt = (reason) => engine.abort(job, reason, { gentle: true });
    // Arguments that cannot travel need no worker.
    const refused = future.done;
    if (!refused) engine.open();
    future.onProgress((value) => reportProgress(this.result, value));
    future.addDoneCallback(() => this.#settle(future, refused));
  }

  /** The program ends the worker, which is not started again. Between two runs it ends with its last failure. */
  #stop(reason?: { readonly error: unknown }): void {
    this.#stopped = true;
    const failure = this.#failure;
    if (failure === undefined) return;
    this.#failure = undefined;
    this.#reject((reason ?? failure).error);
    if (this.#stopTimer === undefined) return;
    this.#stopTimer();
    this.#end();
  }

  #settings(): Settings {
    return {
      ...checkPoolOptions(this.#kind, { maxWorkers: 1, minWorkers: 1, startTimeout: Infinity, name: this.name }),
      daemon: this.daemon,
      loadTimeout: START_TIMEOUT,
      deathLimit: 1,
    };
  }

  #settle(future: Future<unknown>, refused: boolean): void {
    if (future.cancelled) return markCancelled(this.result);
    try {
      fulfil(this.result, future.resultNow());
    } catch (error) {
      this.failed = this.exit === undefined;
      this.#fail(this.#lossOf(error), refused ? undefined : this.#restarts);
    }
  }

  #fail(error: unknown, restarts: Restarts | undefined): void {
    if (restarts === undefined || this.#stopped) return this.#reject(error);
    const delay = restarts.next();
    if (delay === undefined) return this.#reject(restarts.error(this.name, error));
    this.#failure = { error, delay };
  }

  #reject(error: unknown): void {
    const observed = reject(this.result, error);
    if (!observed && !this.#stopped) this.#unobserved.add(this.result, this.definition.name, error);
  }

  /** A pool whose worker was killed at its start is broken; here that is the loss of the single worker. */
  #lossOf(error: unknown): unknown {
    const { exit } = this;
    const broken = error instanceof BrokenExecutorError && error.cause instanceof WorkerLostError;
    if (exit === undefined || !broken) return error;
    return lossError(`Lost ${this.name} before it ran task '${this.definition.name}': ${describeExit(exit)}`, exit);
  }

  /** The worker is gone: it is started again, or that was its last run. */
  #gone(run: () => void): void {
    const failure = this.#failure;
    if (failure === undefined) return this.#end();
    this.#stopTimer = startTimer(failure.delay, () => {
      this.#failure = this.#stopTimer = undefined;
      run();
    }, { unref: this.daemon });
  }

  #end(): void {
    this.#state = ENDED;
    this.#settleEnded();
    this.#joining.admit(() => true);
  }
}
