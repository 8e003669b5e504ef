// Runs the threads of a scenario in every order.

import { AssertionError } from "@std/assert";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { ALL } from "../../fixtures/shared_scenarios.ts";
import * as at from "./control.ts";
import { explore, type Played, type Segment } from "./explore.ts";
import { copySource, loadSource, removeSource, type Source } from "./source.ts";
import { Stepper } from "./stepper.ts";

/** The pseudo-thread in a schedule that kills the thread that may be killed. */
const KILLER = at.THREADS;
/** A run with more operations than this is endless. */
const ENDLESS = 20_000;
/** The number of re-checks of a sleeper after which it is taken to wait for ever. */
const SLICES = 3;
/** The time limit in milliseconds for a thread to return the turn. */
const THINKING = 20_000;
/** The cells of the thread table that change. */
const TABLE_CELLS = 16;

/** The threads of a scenario and their shared memory. */
export class Stage {
  readonly #control = memory(Int32Array, at.LOG_END);
  readonly #arena = memory(Int32Array, at.ARENA_CELLS);
  readonly #text = memory(Uint16Array, 2048);
  readonly #workers: Worker[] = [];
  readonly #url = copySource();
  readonly #stepper: Stepper;
  #source!: Source;
  #table!: Int32Array;
  /** The thread table with all threads alive. */
  #alive!: Int32Array;
  /** The segments of the current run so far. */
  #played: Played[] = [];

  constructor() {
    this.#stepper = new Stepper({ control: this.#control, arena: this.#arena } as at.Shared, -1);
  }

  /** Starts the threads. */
  async start(): Promise<void> {
    this.#source = await loadSource(this.#url);
    const { newIdent, threadTable } = this.#source.threads;
    this.#table = threadTable();
    const shared: at.Shared = {
      control: this.#control,
      arena: this.#arena,
      text: this.#text,
      table: this.#table,
      source: this.#url,
    };
    for (let own = 0; own < at.THREADS; own++) {
      newIdent();
      this.#workers.push(new Worker(new URL("thread.ts", import.meta.url), { workerData: { shared, own } }));
    }
    await Promise.all(this.#workers.map((worker) => once(worker, "message")));
    this.#alive = this.#table.slice(0, TABLE_CELLS);
  }

  /** Ends the threads. */
  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
    removeSource(this.#url);
  }

  /**
   * Plays a scenario in every order with at most `preemptions` preemptions; returns the number of orders.
   *
   * @param tick milliseconds from one segment to the next: 5 ms are enough for a waiter to starve and be next.
   */
  explore(name: string, preemptions: number, tick: number): number {
    const { make, check } = ALL[name]!;
    try {
      return explore((schedule) => {
        this.#stepper.begin();
        this.#reset(name);
        this.#arena.fill(0);
        const primitives = this.#source.share(make(this.#source.sync));
        this.#play(name, schedule, tick);
        // Like any other thread, the test cleans up after the killed one.
        check(primitives, (cell) => this.#control[at.NOTES + cell]!);
        return this.#played;
      }, preemptions);
    } catch (error) {
      const order = this.#played.map(({ thread, ops }) => `${thread}:${ops}`).join(" ");
      const said = String.fromCharCode(...this.#text.subarray(1, 1 + this.#text[0]!));
      const what = error instanceof Error ? error.message : error;
      throw new AssertionError(`In the order ${order}, ${tick} ms each: ${what} ${said}`, { cause: error });
    }
  }

  /** Plays one order to its end. */
  #play(name: string, schedule: readonly Segment[], tick: number): void {
    const control = this.#control;
    const { programs, kills, sleeps } = ALL[name]!;
    const all = [...programs.keys()];
    let [slices, total] = [0, 0];
    for (let place = 0;; place++) {
      const given = schedule[place] ?? { thread: this.#choose(all), ops: Infinity };
      let cause = at.RUNS as number;
      let thread = given.thread;
      if (thread === KILLER) {
        this.#played.push({ ...given, ops: 1, others: 0, during: [] });
        this.#kill(kills!);
        continue;
      }
      if (thread === -1) {
        const asleep = all.filter((each) => control[at.cellOf(each, at.STATUS)] === at.ASLEEP);
        if (asleep.length === 0) return;
        // Sleepers re-check from time to time, which only a death may make necessary.
        const killed = all.some((each) => control[at.cellOf(each, at.STATUS)] === at.DEAD);
        if (!killed || slices === SLICES * asleep.length) {
          if (sleeps) return;
          throw new AssertionError(`threads ${asleep} wait for ever`);
        }
        thread = asleep[slices++ % asleep.length]!;
        cause = at.SLICE_OVER;
      } else if (!at.canRun(control, thread)) {
        control[at.CLOCK] = Math.max(control[at.CLOCK]!, control[at.cellOf(thread, at.DUE)]!);
      }
      control[at.CLOCK]! += tick;
      const others = at.others(control, thread);
      this.#go(thread, cause, given.ops);
      const ops = control[at.OPS]!;
      const during = [...control.subarray(at.LOG, Math.min(at.LOG + ops, at.LOG_END))];
      this.#played.push({ thread, ops, others, during });
      if (control[at.cellOf(thread, at.STATUS)] === at.FAILED) throw new AssertionError(`thread ${thread} failed`);
      if ((total += ops) > ENDLESS) throw new AssertionError("it goes on for ever");
    }
  }

  /** Chooses the next thread: the first that can run, else the first with a timeout, else -1. */
  #choose(all: readonly number[]): number {
    const can = all.findIndex((thread) => at.canRun(this.#control, thread));
    return can !== -1 ? can : all.findIndex((thread) => at.canRunLate(this.#control, thread));
  }

  #kill(thread: number): void {
    this.#go(thread, at.KILLED, Infinity);
    this.#control[at.INSIDE]! -= this.#control[at.cellOf(thread, at.OWN_INSIDE)]!;
    this.#source.threads.markDead(thread + 2);
  }

  #reset(name: string): void {
    const control = this.#control;
    for (let thread = 0; thread < at.THREADS; thread++) {
      const status = control[at.cellOf(thread, at.STATUS)];
      // A failed run, or one that may end with sleeping threads, leaves threads in the middle of a program.
      if (status === at.ASLEEP || status === at.READY) this.#go(thread, at.KILLED, Infinity);
    }
    control.fill(0);
    this.#text[0] = 0;
    this.#played = [];
    this.#table.set(this.#alive);
    const { programs, kills = -1 } = ALL[name]!;
    for (const thread of programs.keys()) control[at.cellOf(thread, at.STATUS)] = at.READY;
    control[at.SCENARIO] = Object.keys(ALL).indexOf(name);
    control[at.DEADLY] = kills + 1;
    control[at.CLOCK] = 1;
  }

  /** Runs a thread until it returns the turn. */
  #go(thread: number, cause: number, ops: number): void {
    const control = this.#control;
    control[at.BUDGET] = ops === Infinity ? -1 : ops;
    control[at.OPS] = 0;
    control[at.cellOf(thread, at.CAUSE)] = cause;
    Atomics.store(control, at.TURN, 0);
    const go = at.cellOf(thread, at.GO);
    Atomics.store(control, go, 1);
    Atomics.notify(control, go);
    while (Atomics.load(control, at.TURN) === 0) {
      if (Atomics.wait(control, at.TURN, 0, THINKING) === "timed-out") {
        throw new AssertionError(`thread ${thread} does not give the turn back`);
      }
    }
  }
}

function memory<T>(Kind: new (buffer: SharedArrayBuffer) => T & { BYTES_PER_ELEMENT: number }, length: number): T {
  return new Kind(new SharedArrayBuffer(4 * length));
}
