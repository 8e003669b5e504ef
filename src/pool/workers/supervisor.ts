/**
 * The supervisor: starts, idles, replaces and ends the workers of a pool.
 *
 * Longer than other files by a few lines, as each state of a worker leads to the next one here.
 *
 * @module
 */

import { beforeBlock } from "../../core/before_block.ts";
import { WorkerLostError } from "../../core/errors.ts";
import { runtime, StartError } from "../../runtime/mod.ts";
import type { HostExit } from "../../runtime/types.ts";
import { startTimer } from "../../time/system_clock.ts";
import { type IncomingMessage, MalformedMessage } from "../../wire/message.ts";
import * as op from "../../wire/message.ts";
import { type BreakReason, programRefused, setupFailed, startFailed, workersDied } from "../engine/break_reason.ts";
import type { SupervisorHooks } from "./supervisor_hooks.ts";
import type { Announce } from "../events.ts";
import { describeExit, describeLate, lossError } from "../engine/exits.ts";
import { Recycling } from "./recycling.ts";
import { KeepAlive } from "../engine/keep_alive.ts";
import type { Settings } from "../options.ts";
import { ENDING, PoolWorker, READY, RETIRING, STARTING, type StartWorker } from "./pool_worker.ts";
import { StartPause } from "./start_pause.ts";

/** Time limit for a worker to end after it was told to, in milliseconds. */
const END_LIMIT = 2_000;
/** Minimum time for a worker that is to be replaced to answer a ping, in milliseconds. */
const SHORTEST_PING = 500;

/** Supervises the workers of a pool. */
export class Supervisor {
  readonly #settings: Settings;
  readonly #start: StartWorker;
  readonly #announce: Announce;
  readonly #hooks: SupervisorHooks;
  readonly #keepAlive: KeepAlive;
  readonly #pause = new StartPause();
  readonly #recyclings = new Set<Recycling>();
  /** All workers that are not gone. */
  readonly workers: PoolWorker[] = [];
  /** Number of workers that were started to replace others. */
  restarts = 0;
  #missing = 0;
  #nextId = 1;
  #deaths = 0;
  #leaked = 0;
  #active = false;
  #expected = false;
  #broken = false;
  #breaking = false;
  #growing = false;
  /** Ends the delay before an actor's worker is started again. */
  #stopDelay: (() => void) | undefined;
  #unwatch: (() => void) | undefined;
  #closing: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  constructor(settings: Settings, start: StartWorker, announce: Announce, hooks: SupervisorHooks) {
    this.#settings = settings;
    this.#start = start;
    this.#announce = announce;
    this.#hooks = hooks;
    this.#keepAlive = new KeepAlive(!settings.inProcess);
  }

  /** Starts the workers that `waiting` tasks need, within the limits. */
  grow(waiting: number): void {
    // At the death limit the pool is about to break. On Bun the start of a process may run microtasks that submit or
    // dispatch, while the worker being started is not in the list yet.
    if (this.#broken || this.#breaking || this.#deaths >= this.#settings.deathLimit || this.#growing) return;
    if (this.#stopDelay !== undefined) return;
    // A pool without any worker cannot wait for the end of the pause.
    if (this.#pause.waiting && this.workers.length > 0) return;
    this.#growing = true;
    let live = 0, starting = 0;
    for (const worker of this.workers) {
      if (worker.state !== ENDING) live++;
      if (worker.state === STARTING) starting += Math.max(0, worker.concurrency - worker.sent.size);
    }
    const { maxWorkers, minWorkers } = this.#settings;
    const kept = this.#closing === undefined ? minWorkers : 0;
    while (live < maxWorkers && (live < kept || waiting > starting) && !this.#broken) {
      const started = this.#startOne();
      if (started === 0) break;
      starting += started;
      live++;
    }
    this.#growing = false;
  }

  /** Starts no worker for a time, in milliseconds. */
  delay(time: number): void {
    this.#stopDelay = startTimer(time, () => {
      this.#stopDelay = undefined;
      this.grow(this.#hooks.demand());
    }, { unref: true });
  }

  /**
   * Sets whether there is work; a program with work in its pools does not end. Expected work keeps the workers, but
   * does not keep the program alive: the work that it waits for does.
   */
  setActive(active: boolean, expected: boolean): void {
    this.#active = active;
    this.#expected = expected;
    if (this.#idle && this.#closing !== undefined) this.#endAll();
    if (this.#settings.daemon) return;
    this.#keepAlive.set(active || (!expected && this.#closing !== undefined && this.workers.length > 0));
  }

  /** Wakes a free worker, if there is one, as a large message may follow. */
  wake(): void {
    this.workers.find((worker) => worker.free)?.handle.wake();
  }

  /** Counts a task that was sent to a worker. */
  assigned(worker: PoolWorker): void {
    const enough = ++worker.assigned >= this.#settings.maxTasksPerWorker;
    // Until the worker is ready, its timer is that of its start.
    if (worker.state === STARTING) return;
    if (worker.sent.size === 1) worker.stopTimer?.();
    if (enough) worker.state = RETIRING;
  }

  /** Notes that a worker has completed a task, which shows that workers can. */
  proved(worker: PoolWorker): void {
    worker.proven = true;
    this.#deaths = 0;
  }

  /** Handles a worker that may have become idle. */
  onIdle(worker: PoolWorker): void {
    if (worker.killWhenAlone && [...worker.sent.values()].every((job) => job.expendable)) return this.kill(worker);
    if (worker.sent.size > 0) return;
    if (worker.state === RETIRING) return this.#end(worker);
    const { idleTimeout, minWorkers } = this.#settings;
    if (worker.state !== READY || idleTimeout === Infinity) return;
    worker.stopTimer?.();
    worker.stopTimer = startTimer(idleTimeout, () => {
      if (worker.sent.size > 0 || worker.state !== READY || this.workers.length <= minWorkers) return;
      worker.spare = true;
      this.#end(worker);
    }, { unref: true });
  }

  /** Handles a message about the worker itself. */
  control(worker: PoolWorker, operation: number, message: IncomingMessage): void {
    switch (operation) {
      case op.READY:
        return this.#ready(worker);
      case op.SETUP_FAILED:
        requireStarting(worker);
        if (this.#settings.supervise !== undefined) return this.fail(worker, message.value());
        return this.#break(setupFailed(message.value()));
      case op.REFUSED:
        requireStarting(worker);
        return this.#break(programRefused(message.value()));
      case op.MEMORY:
        if (message.reader.f64() > this.#settings.maxMemoryBytes && worker.state === READY) worker.state = RETIRING;
        return;
      case op.LEAVING:
        worker.left = true;
        return;
      case op.PONG:
        if (worker.blocked) worker.pings--;
        // The worker was told to end, and stays because its tasks have left something running.
        else if (worker.state === ENDING) worker.stopTimer?.();
        return;
      default:
        throw new MalformedMessage(`Cannot read an operation of kind ${operation}`);
    }
  }

  /** Ends a worker now; its running tasks are lost. */
  kill(worker: PoolWorker): void {
    if (worker.killed) return;
    worker.killed = true;
    worker.state = ENDING;
    this.#countReplacement(worker);
    worker.stopTimer?.();
    const outlives = runtime.threadsOutliveKill && worker.handle.pid === undefined && worker.handle.blocked;
    worker.handle.kill();
    if (!outlives) return;
    this.#announceLost(worker, undefined);
    if (++this.#leaked <= this.#settings.maxWorkers) return;
    const message = `${this.#leaked} busy threads could not be stopped (this runtime cannot stop them): use processes`;
    this.#break({ message, cause: undefined });
  }

  /** Ends a worker once its tasks other than the aborted one have ended, or at once if its loop is blocked. */
  killWhenAlone(worker: PoolWorker, grace: number): void {
    worker.state = RETIRING;
    worker.killWhenAlone = true;
    worker.ping();
    worker.stopTimer = startTimer(Math.max(grace, SHORTEST_PING), () => worker.blocked && this.kill(worker));
    this.onIdle(worker);
  }

  /** Ends as many workers as there are beyond `maxWorkers`: idle ones at once, the others after their tasks. */
  shrink(): void {
    const live = this.workers.filter(({ state }) => state <= READY);
    const surplus = live.toSorted((a, b) => a.sent.size - b.sent.size).slice(0, -this.#settings.maxWorkers);
    for (const worker of surplus) {
      worker.spare = true;
      if (worker.state === STARTING && worker.sent.size === 0) this.kill(worker);
      else if (worker.state === READY && worker.sent.size === 0) this.#end(worker);
      else this.#retire(worker);
    }
  }

  /** Replaces all workers after their tasks, idle ones at once; resolves when the new ones are ready. */
  recycle(): Promise<void> {
    const old = this.workers.filter(({ state }) => state <= READY);
    const recycling = new Recycling(old);
    this.#recyclings.add(recycling);
    for (const worker of old) {
      worker.stale = true;
      if (worker.sent.size > 0) this.#retire(worker);
      else if (worker.state === READY) this.#end(worker);
      else {
        this.kill(worker);
        this.#replace();
      }
    }
    this.#lookAtRecyclings();
    return recycling.done;
  }

  /** Starts a worker in the place of one that was replaced. */
  #replace(): void {
    if (this.#broken || this.#breaking || this.#closing !== undefined) return;
    const before = this.workers.length;
    if (this.#startOne() === 0 && this.workers.length === before) return;
    for (const recycling of this.#recyclings) recycling.started(this.workers.at(-1)!);
  }

  #lookAtRecyclings(): void {
    for (const recycling of this.#recyclings) if (recycling.look(this.workers)) this.#recyclings.delete(recycling);
  }

  /** Ends all workers now. */
  killAll(): void {
    this.#broken = true;
    this.#pause.end();
    this.#stopDelay?.();
    for (const worker of [...this.workers]) this.kill(worker);
  }

  /** Starts only the workers that the remaining work needs, and ends them after it. Resolves when all are gone. */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      let resolve!: () => void;
      const promise = new Promise<void>((done) => resolve = done);
      this.#closing = { promise, resolve };
    }
    if (this.#idle) this.#settleClosing();
    return this.#closing.promise;
  }

  /** Starts a worker. Returns the number of tasks it will take; 0 if it could not be started. */
  #startOne(): number {
    const worker = new PoolWorker(this.#nextId++, 1);
    try {
      this.#hooks.setup(worker);
    } catch (error) {
      const refused = this.#settings.supervise && (() => error);
      this.#breakSoon({ message: "the arguments of its initializer cannot travel", cause: error, error: refused });
      return 0;
    }
    try {
      worker.handle = this.#start(worker.id, {
        message: (message) => this.#received(worker, message),
        violated: (error) => this.fail(worker, error),
        deaf: () => this.#retire(worker),
        exit: (exit) => this.#gone(worker, exit),
      }, this.#hooks.tasks);
    } catch (error) {
      this.#startFailed(error);
      return 0;
    }
    if (this.#missing > 0) {
      this.#missing--;
      this.restarts++;
      worker.isReplacement = true;
    }
    worker.collects = worker.handle.pid !== undefined;
    this.workers.push(worker);
    this.#unwatch ??= beforeBlock(() => this.#hooks.blocks());
    const { startTimeout } = this.#settings;
    worker.stopTimer = startTimer(startTimeout, () => {
      worker.timedOut = true;
      worker.handle.kill();
    }, { unref: true });
    worker.flush();
    return worker.concurrency;
  }

  #received(worker: PoolWorker, message: IncomingMessage): void {
    if (worker.violation !== undefined) return;
    try {
      this.#hooks.message(worker, message);
    } catch (error) {
      this.fail(worker, error);
    }
  }

  /** Handles an invalid message, or the failure of an actor: only the worker that sent it is lost. */
  fail(worker: PoolWorker, error: unknown): void {
    if (worker.violation !== undefined) return;
    worker.violation = error ?? new Error("unknown");
    this.#retire(worker);
    worker.handle.kill();
  }

  #retire(worker: PoolWorker): void {
    if (worker.state === READY) worker.state = RETIRING;
  }

  #ready(worker: PoolWorker): void {
    if (worker.ready) throw new MalformedMessage("Cannot set up a worker that is ready");
    worker.ready = true;
    // A worker that was ready too late is about to be killed.
    if (worker.state !== STARTING || worker.timedOut) return this.#hooks.begin(worker);
    worker.state = worker.assigned < this.#settings.maxTasksPerWorker && !worker.spare && !worker.stale
      ? READY
      : RETIRING;
    worker.stopTimer?.();
    this.#pause.end();
    const { pid } = worker.handle;
    this.#announce("workerstart", () => ({ workerId: worker.id, pid }));
    runtime.publish("heddle:worker", () => ({ type: "start", workerId: worker.id, pid }));
    this.#hooks.begin(worker);
    this.#lookAtRecyclings();
    if (this.#closing !== undefined && this.#idle) return this.#end(worker);
    this.onIdle(worker);
    this.#hooks.ready();
  }

  /** Tells a worker without tasks to end. */
  #end(worker: PoolWorker): void {
    if (worker.state === ENDING) return;
    worker.state = ENDING;
    this.#countReplacement(worker);
    worker.stopTimer?.();
    if (!worker.failed) worker.handle.leaves();
    worker.writer.record(op.STOP);
    worker.flush();
    if (worker.stale) this.#replace();
    const limit = Math.max(END_LIMIT, 2 * this.#settings.grace);
    worker.stopTimer = startTimer(limit, () => this.kill(worker), { unref: true });
  }

  /**
   * Counts a replacement for a worker that goes and is still wanted. The next worker to start replaces it, even before
   * it is gone.
   */
  #countReplacement(worker: PoolWorker): void {
    if (worker.spare || worker.needsReplacement) return;
    worker.needsReplacement = true;
    this.#missing++;
  }

  #endAll(): void {
    for (const worker of [...this.workers]) {
      // An object that an actor has begun to make is disposed of.
      if (worker.state === STARTING) { if (this.#settings.supervise === undefined) this.kill(worker); }
      else if (worker.sent.size === 0) this.#end(worker);
    }
    this.#settleClosing();
  }

  /** Ends the shutdown once all workers are gone and their output has been written. */
  #settleClosing(): void {
    if (this.workers.length > 0) return;
    this.#stopDelay?.();
    const { resolve } = this.#closing!;
    this.#keepAlive.end(resolve);
  }

  /** Handles a worker that could not be started. A pool that has others continues with them, and tries again later. */
  #startFailed(error: unknown): void {
    if (this.workers.length > 0) return this.#pause.begin(() => this.grow(this.#hooks.demand()));
    this.#breakSoon(startFailed(error));
  }

  /**
   * Breaks the pool after the current code, so that each submit of a loop gets a future, and all of them reject alike.
   */
  #breakSoon(reason: BreakReason): void {
    if (this.#breaking) return;
    this.#breaking = true;
    runtime.microtask(() => this.#break(reason));
  }

  /** Handles the same failure, reported by the worker's end. */
  #unstarted(worker: PoolWorker, error: StartError): void {
    worker.state = ENDING;
    if (worker.isReplacement) {
      this.restarts--;
      this.#missing++;
    }
    this.#startFailed(error);
    this.#hooks.lost(worker, () => new WorkerLostError(error.message), false);
    this.setActive(this.#active, this.#expected);
  }

  #gone(worker: PoolWorker, exit: HostExit): void {
    const place = this.workers.indexOf(worker);
    if (place !== -1) this.workers.splice(place, 1);
    if (this.workers.length === 0) this.#stopWatching();
    this.#lookAtRecyclings();
    const unexpected = worker.state !== ENDING;
    const starting = worker.state === STARTING;
    worker.stopTimer?.();
    if (starting && exit.error instanceof StartError) return this.#unstarted(worker, exit.error);
    worker.state = ENDING;
    this.#countReplacement(worker);
    // A failure that a task leaves behind may end its thread, and only the end of the thread reports it.
    const late = unexpected && !starting && this.#settings.supervise === undefined ? exit.error : undefined;
    if (worker.violation !== undefined) exit = { ...exit, error: worker.violation };
    const how = worker.timedOut ? describeLate(this.#settings) : describeExit(exit);
    const { name } = this.#settings;
    const error = (task?: string) => {
      const what = task === undefined ? name : `worker ${worker.id} of ${name} while it ran task '${task}'`;
      return lossError(`Lost ${what}: ${how}`, exit);
    };
    if (unexpected) this.#announceLost(worker, exit);
    const counts = unexpected && !worker.proven;
    if (counts) this.#deaths++;
    const reason = counts ? workersDied([this.#deaths, this.#settings.deathLimit], how, exit, starting) : undefined;
    if (!this.#hooks.lost(worker, error, unexpected, reason) && late !== undefined) this.#hooks.fault(worker, late);
    this.#break(reason);
    if (this.#closing === undefined || !this.#idle) this.grow(this.#hooks.demand());
    this.setActive(this.#active, this.#expected);
  }

  /** Without workers there are no jobs to send before this thread blocks, and the pool can be collected. */
  #stopWatching(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  /** Whether there is no work, and none is expected. */
  get #idle(): boolean {
    return !this.#active && !this.#expected;
  }

  #break(reason: BreakReason | undefined): void {
    if (reason !== undefined && !this.#broken) this.#hooks.broken(reason);
  }

  #announceLost(worker: PoolWorker, exit: HostExit | undefined): void {
    const detail = { workerId: worker.id, pid: worker.handle.pid, exitCode: exit?.code, signal: exit?.signal };
    this.#announce("workerlost", () => detail);
    runtime.publish("heddle:worker", () => ({ type: "lost", ...detail }));
  }
}

/**
 * Only a worker that has not been set up can fail its setup. Otherwise a single message could break the pool for all
 * later tasks.
 */
function requireStarting(worker: PoolWorker): void {
  if (worker.state !== STARTING) throw new MalformedMessage("Cannot fail the setup of a worker that is ready");
}
