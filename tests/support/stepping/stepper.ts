// Implements a thread that stops before each operation on shared memory until the test lets it continue.

import * as at from "./control.ts";

/** Thrown from every operation of a killed thread. */
export const KILL: unique symbol = Symbol("kill");
/** With so few threads, all cells of a primitive from this index on belong to unused thread slots. */
const SEATED = 23;

/** Steps the thread of the test that it was created in. */
export class Stepper {
  readonly #control: Int32Array;
  readonly #arena: Int32Array;
  readonly #own: number;
  readonly #sleepers = new Map<number, () => void>();
  readonly #timers = new Set<{ due: number; fn: () => void }>();
  #killed = false;
  #end = 0;

  /** @param own the number of the thread, or -1 for the test itself, which is never stopped. */
  constructor({ control, arena }: at.Shared, own: number) {
    this.#control = control;
    this.#arena = arena;
    this.#own = own;
    (globalThis as Record<symbol, unknown>)[Symbol.for("heddle.stepper")] = this;
  }

  /** The time that the test has set. */
  get now(): number {
    return this.#control[at.CLOCK]!;
  }

  /** Begins a run; primitives are created in the same order in all threads, so that they share memory. */
  begin(): void {
    this.#end = 0;
    if (this.#own === -1) return;
    this.#killed = false;
    this.#sleepers.clear();
    this.#timers.clear();
    this.#waitForTurn();
  }

  /** Ends a run. */
  end(status: number): void {
    this.#set(at.STATUS, status);
    this.#giveTurn();
  }

  /** Returns memory for a primitive; the test creates it first. */
  ownCells(count: number): { cells: Int32Array; fresh: boolean } {
    const cells = this.#arena.subarray(this.#end, this.#end += count);
    if (cells.length < count) throw new RangeError("Too many primitives");
    return { cells, fresh: this.#own === -1 };
  }

  /** Whether no thread writes to a cell in this scenario, so that the time of a read does not matter. */
  constant(cells: Int32Array, index: number): boolean {
    if (cells.buffer !== this.#arena.buffer) return this.#control[at.DEADLY] === 0;
    return index >= SEATED && cells[index] === 0;
  }

  /** Stops before an operation if the budget is used up. */
  step(): void {
    if (this.#own === -1) return;
    if (this.#killed) throw KILL;
    const control = this.#control;
    if (control[at.BUDGET] === 0) this.#park(at.READY);
    control[at.BUDGET]!--;
    const place = at.LOG + control[at.OPS]!++;
    if (place < at.LOG_END) control[place] = at.others(control, this.#own);
  }

  /** Sleeps until a notification of the key, or until the timeout. */
  sleepSync(key: number, timeout: number): void {
    const slot = this.#listen(key);
    this.#set(at.DUE, timeout < at.SLICE ? Math.ceil(this.now + timeout) : 0);
    this.#park(at.ASLEEP);
    this.#set(at.KEYS + slot, 0);
  }

  /** Sleeps in the loop until a notification of the key, or until a slice is over. */
  sleep(key: number): Promise<void> {
    const slot = this.#listen(key);
    return new Promise((resolve) => this.#sleepers.set(slot, resolve));
  }

  /** Wakes all sleepers of a key. */
  call(key: number): void {
    for (let thread = 0; thread < at.THREADS; thread++) {
      for (let slot = 0; slot < at.SLOTS; slot++) {
        const cell = at.cellOf(thread, at.KEYS + slot);
        if (this.#control[cell] === key) this.#control[cell] = at.CALLED;
      }
    }
  }

  /** Starts a timer in the thread's loop. */
  startTimer(delay: number, fn: () => void): () => void {
    if (delay === Infinity) return () => {};
    const timer = { due: this.now + delay, fn };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Turns the thread's loop once, when all its code sleeps. */
  turn(): void {
    if (this.#sleepers.size === 0 && this.#timers.size === 0) throw new Error("waits for nothing");
    const first = Math.min(...[...this.#timers].map(({ due }) => due));
    this.#set(at.DUE, first === Infinity ? 0 : Math.ceil(first));
    const cause = this.#park(at.ASLEEP);
    for (const timer of [...this.#timers]) {
      if (timer.due <= this.now && this.#timers.delete(timer)) timer.fn();
    }
    for (const [slot, resolve] of [...this.#sleepers]) {
      if (cause !== at.SLICE_OVER && this.#get(at.KEYS + slot) !== at.CALLED) continue;
      this.#sleepers.delete(slot);
      this.#set(at.KEYS + slot, 0);
      resolve();
    }
  }

  #listen(key: number): number {
    for (let slot = 0; slot < at.SLOTS; slot++) {
      if (this.#get(at.KEYS + slot) !== 0) continue;
      this.#set(at.KEYS + slot, key);
      return slot;
    }
    throw new Error("Too many waits at a time");
  }

  /** Returns the turn to the test, and waits for the next. */
  #park(status: number): number {
    this.#set(at.STATUS, status);
    this.#giveTurn();
    return this.#waitForTurn();
  }

  #waitForTurn(): number {
    const go = at.cellOf(this.#own, at.GO);
    while (Atomics.load(this.#control, go) === 0) Atomics.wait(this.#control, go, 0);
    Atomics.store(this.#control, go, 0);
    const cause = this.#get(at.CAUSE);
    this.#killed = cause === at.KILLED;
    if (this.#killed) throw KILL;
    return cause;
  }

  #giveTurn(): void {
    Atomics.store(this.#control, at.TURN, 1);
    Atomics.notify(this.#control, at.TURN);
  }

  #get(cell: number): number {
    return this.#control[at.cellOf(this.#own, cell)]!;
  }

  #set(cell: number, value: number): void {
    this.#control[at.cellOf(this.#own, cell)] = value;
  }
}
