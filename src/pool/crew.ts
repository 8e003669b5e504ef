/**
 * The supervisor: starts, idles, replaces and ends the workers of a pool.
 *
 * Longer than other files by a few lines, as each state of a worker leads to the next one here.
 *
 * @module
 */

import { beforeBlock } from "../core/before_block.ts";
import { WorkerLostError } from "../core/errors.ts";
import { runtime, StartError } from "../runtime/mod.ts";
import type { HostExit } from "../runtime/types.ts";
import { startTimer } from "../time/system_clock.ts";
import { type IncomingMessage, MalformedMessage } from "../wire/message.ts";
import * as op from "../wire/message.ts";
import { type BreakReason, programRefused, setupFailed, startFailed, workersDied } from "./break_reason.ts";
import type { CrewHooks } from "./crew_hooks.ts";
import type { Announce } from "./events.ts";
import { describeExit, describeLate, lossError } from "./exits.ts";
import { Hold } from "./hold.ts";
import type { Settings } from "./options.ts";
import { ENDING, READY, RETIRING, Slot, STARTING, type StartWorker } from "./slot.ts";
import { StartPause } from "./start_pause.ts";

/** Time limit for a worker to end after it was told to, in milliseconds. */
const END_LIMIT = 2_000;
/** Minimum time for a worker that is to be replaced to answer a ping, in milliseconds. */
const SHORTEST_PING = 500;

/** Supervises the workers of a pool. */
export class Crew {
  readonly #settings: Settings;
  readonly #start: StartWorker;
  readonly #announce: Announce;
  readonly #hooks: CrewHooks;
  readonly #hold: Hold;
  readonly #pause = new StartPause();
  /** All workers that are not gone. */
  readonly slots: Slot[] = [];
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
  #unwatch: (() => void) | undefined;
  #closing: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  constructor(settings: Settings, start: StartWorker, announce: Announce, hooks: CrewHooks) {
    this.#settings = settings;
    this.#start = start;
    this.#announce = announce;
    this.#hooks = hooks;
    this.#hold = new Hold(!settings.here);
  }

  /** Starts the workers that `waiting` tasks need, within the limits. */
  grow(waiting: number): void {
    // At the death limit the pool is about to break. On Bun the start of a process may run microtasks that submit or
    // dispatch, while the worker being started is not in the list yet.
    if (this.#broken || this.#breaking || this.#deaths >= this.#settings.deathLimit || this.#growing) return;
    // A pool without any worker cannot wait for the end of the pause.
    if (this.#pause.waiting && this.slots.length > 0) return;
    this.#growing = true;
    let live = 0, starting = 0;
    for (const slot of this.slots) {
      if (slot.state !== ENDING) live++;
      if (slot.state === STARTING) starting += Math.max(0, slot.concurrency - slot.sent.size);
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

  /**
   * Sets whether there is work; a program with work in its pools does not end. Expected work keeps the workers, but
   * does not keep the program alive: the work that it waits for does.
   */
  setActive(active: boolean, expected: boolean): void {
    this.#active = active;
    this.#expected = expected;
    if (this.#idle && this.#closing !== undefined) this.#endAll();
    if (this.#settings.daemon) return;
    this.#hold.set(active || (!expected && this.#closing !== undefined && this.slots.length > 0));
  }

  /** Wakes a free worker, if there is one, as a large message may follow. */
  rouse(): void {
    this.slots.find((slot) => slot.free)?.handle.rouse();
  }

  /** Counts a task that was sent to a worker. */
  assigned(slot: Slot): void {
    const enough = ++slot.assigned >= this.#settings.maxTasksPerWorker;
    // Until the worker is ready, its timer is that of its start.
    if (slot.state === STARTING) return;
    if (slot.sent.size === 1) slot.stopTimer?.();
    if (enough) slot.state = RETIRING;
  }

  /** Notes that a worker has completed a task, which shows that workers can. */
  proved(slot: Slot): void {
    slot.proven = true;
    this.#deaths = 0;
  }

  /** Handles a worker that may have become idle. */
  relieve(slot: Slot): void {
    if (slot.killWhenAlone && [...slot.sent.values()].every((work) => work.expendable)) return this.kill(slot);
    if (slot.sent.size > 0) return;
    if (slot.state === RETIRING) return this.#end(slot);
    const { idleTimeout, minWorkers } = this.#settings;
    if (slot.state !== READY || idleTimeout === Infinity) return;
    slot.stopTimer?.();
    slot.stopTimer = startTimer(idleTimeout, () => {
      if (slot.sent.size > 0 || slot.state !== READY || this.slots.length <= minWorkers) return;
      slot.spare = true;
      this.#end(slot);
    }, { unref: true });
  }

  /** Handles a message about the worker itself. */
  control(slot: Slot, operation: number, message: IncomingMessage): void {
    switch (operation) {
      case op.READY:
        return this.#ready(slot);
      case op.SETUP_FAILED:
        requireStarting(slot);
        return this.#break(setupFailed(message.value()));
      case op.REFUSED:
        requireStarting(slot);
        return this.#break(programRefused(message.value()));
      case op.MEMORY:
        if (message.reader.f64() > this.#settings.maxMemoryBytes && slot.state === READY) slot.state = RETIRING;
        return;
      case op.LEAVING:
        slot.left = true;
        return;
      case op.PONG:
        if (slot.blocked) slot.pings--;
        // The worker was told to end, and stays because its tasks have left something running.
        else if (slot.state === ENDING) slot.stopTimer?.();
        return;
      default:
        throw new MalformedMessage(`Cannot read an operation of kind ${operation}`);
    }
  }

  /** Ends a worker now; its running tasks are lost. */
  kill(slot: Slot): void {
    if (slot.killed) return;
    slot.killed = true;
    slot.state = ENDING;
    this.#miss(slot);
    slot.stopTimer?.();
    const outlives = runtime.threadsOutliveKill && slot.handle.pid === undefined && slot.handle.blocked;
    slot.handle.kill();
    if (!outlives) return;
    this.#announceLost(slot, undefined);
    if (++this.#leaked <= this.#settings.maxWorkers) return;
    const message = `${this.#leaked} busy threads could not be stopped (this runtime cannot stop them): use processes`;
    this.#break({ message, cause: undefined });
  }

  /** Ends a worker once its tasks other than the aborted one have ended, or at once if its loop is blocked. */
  killWhenAlone(slot: Slot, grace: number): void {
    slot.state = RETIRING;
    slot.killWhenAlone = true;
    slot.ping();
    slot.stopTimer = startTimer(Math.max(grace, SHORTEST_PING), () => slot.blocked && this.kill(slot));
    this.relieve(slot);
  }

  /** Ends all workers now. */
  killAll(): void {
    this.#broken = true;
    this.#pause.end();
    for (const slot of [...this.slots]) this.kill(slot);
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
    const slot = new Slot(this.#nextId++, 1);
    try {
      this.#hooks.setup(slot);
    } catch (error) {
      this.#breakSoon({ message: "the arguments of its initializer cannot travel", cause: error });
      return 0;
    }
    try {
      slot.handle = this.#start(slot.id, {
        message: (message) => this.#received(slot, message),
        violated: (error) => this.#violated(slot, error),
        deaf: () => this.#retire(slot),
        exit: (exit) => this.#gone(slot, exit),
      }, this.#hooks.tasks);
    } catch (error) {
      this.#startFailed(error);
      return 0;
    }
    if (this.#missing > 0) {
      this.#missing--;
      this.restarts++;
      slot.replaces = true;
    }
    slot.collects = slot.handle.pid !== undefined;
    this.slots.push(slot);
    this.#unwatch ??= beforeBlock(() => this.#hooks.blocks());
    const { startTimeout } = this.#settings;
    slot.stopTimer = startTimer(startTimeout, () => {
      slot.timedOut = true;
      slot.handle.kill();
    }, { unref: true });
    slot.flush();
    return slot.concurrency;
  }

  #received(slot: Slot, message: IncomingMessage): void {
    if (slot.violation !== undefined) return;
    try {
      this.#hooks.message(slot, message);
    } catch (error) {
      this.#violated(slot, error);
    }
  }

  /** Handles an invalid message: only the worker that sent it is lost. */
  #violated(slot: Slot, error: unknown): void {
    if (slot.violation !== undefined) return;
    slot.violation = error ?? new Error("unknown");
    this.#retire(slot);
    slot.handle.kill();
  }

  #retire(slot: Slot): void {
    if (slot.state === READY) slot.state = RETIRING;
  }

  #ready(slot: Slot): void {
    if (slot.ready) throw new MalformedMessage("Cannot set up a worker that is ready");
    slot.ready = true;
    // A worker that was ready too late is about to be killed.
    if (slot.state !== STARTING || slot.timedOut) return this.#hooks.begin(slot);
    slot.state = slot.assigned < this.#settings.maxTasksPerWorker ? READY : RETIRING;
    slot.stopTimer?.();
    this.#pause.end();
    const { pid } = slot.handle;
    this.#announce("workerstart", () => ({ workerId: slot.id, pid }));
    runtime.publish("heddle:worker", () => ({ type: "start", workerId: slot.id, pid }));
    this.#hooks.begin(slot);
    if (this.#closing !== undefined && this.#idle) return this.#end(slot);
    this.relieve(slot);
    this.#hooks.ready();
  }

  /** Tells a worker without tasks to end. */
  #end(slot: Slot): void {
    if (slot.state === ENDING) return;
    slot.state = ENDING;
    this.#miss(slot);
    slot.stopTimer?.();
    if (!slot.failed) slot.handle.leaves();
    slot.writer.record(op.STOP);
    slot.flush();
    slot.stopTimer = startTimer(END_LIMIT, () => this.kill(slot), { unref: true });
  }

  /**
   * Counts a replacement for a worker that goes and is still wanted. The next worker to start replaces it, even before
   * it is gone.
   */
  #miss(slot: Slot): void {
    if (slot.spare || slot.missed) return;
    slot.missed = true;
    this.#missing++;
  }

  #endAll(): void {
    for (const slot of [...this.slots]) {
      if (slot.state === STARTING) this.kill(slot);
      else if (slot.sent.size === 0) this.#end(slot);
    }
    this.#settleClosing();
  }

  /** Ends the shutdown once all workers are gone and their output has been written. */
  #settleClosing(): void {
    if (this.slots.length > 0) return;
    const { resolve } = this.#closing!;
    this.#hold.end(resolve);
  }

  /** Handles a worker that could not be started. A pool that has others continues with them, and tries again later. */
  #startFailed(error: unknown): void {
    if (this.slots.length > 0) return this.#pause.begin(() => this.grow(this.#hooks.demand()));
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
  #unstarted(slot: Slot, error: StartError): void {
    slot.state = ENDING;
    if (slot.replaces) {
      this.restarts--;
      this.#missing++;
    }
    this.#startFailed(error);
    this.#hooks.lost(slot, () => new WorkerLostError(error.message), false);
    this.setActive(this.#active, this.#expected);
  }

  #gone(slot: Slot, exit: HostExit): void {
    const place = this.slots.indexOf(slot);
    if (place !== -1) this.slots.splice(place, 1);
    if (this.slots.length === 0) this.#stopWatching();
    const unexpected = slot.state !== ENDING;
    const starting = slot.state === STARTING;
    slot.stopTimer?.();
    if (starting && exit.error instanceof StartError) return this.#unstarted(slot, exit.error);
    slot.state = ENDING;
    this.#miss(slot);
    // A failure that a task leaves behind may end its thread, and only the end of the thread reports it.
    const late = unexpected && !starting ? exit.error : undefined;
    if (slot.violation !== undefined) exit = { ...exit, error: slot.violation };
    const how = slot.timedOut ? describeLate(this.#settings) : describeExit(exit);
    const error = (task: string) =>
      lossError(`Lost worker ${slot.id} of ${this.#settings.name} while it ran task '${task}': ${how}`, exit);
    if (unexpected) this.#announceLost(slot, exit);
    const counts = unexpected && !slot.proven;
    if (counts) this.#deaths++;
    if (!this.#hooks.lost(slot, error, unexpected) && late !== undefined) this.#hooks.fault(slot, late);
    if (counts) this.#break(workersDied([this.#deaths, this.#settings.deathLimit], how, exit, starting));
    if (this.#closing === undefined || !this.#idle) this.grow(this.#hooks.demand());
    this.setActive(this.#active, this.#expected);
  }

  /** Without a worker there is nothing to hand out before this thread blocks, and the pool can be collected. */
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

  #announceLost(slot: Slot, exit: HostExit | undefined): void {
    const detail = { workerId: slot.id, pid: slot.handle.pid, exitCode: exit?.code, signal: exit?.signal };
    this.#announce("workerlost", () => detail);
    runtime.publish("heddle:worker", () => ({ type: "lost", ...detail }));
  }
}

/**
 * Only a worker that has not been set up can fail its setup. Otherwise a single message could break the pool for all
 * later tasks.
 */
function requireStarting(slot: Slot): void {
  if (slot.state !== STARTING) throw new MalformedMessage("Cannot fail the setup of a worker that is ready");
}
