/**
 * The table of this process's threads, in memory that all of them share.
 *
 * @module
 */

import { add, compareExchange, load, peek, store } from "./cell.ts";
import { InvalidStateError } from "./errors.ts";

/** Cells: the latest ident, and the number of threads that have died. */
const LATEST = 0, DEATHS = 1;
/** The first of the state cells, one for each ident. */
const STATES = 2;
/** The largest ident. Idents start at 1, the main thread's. After the largest, idents of dead threads are reused. */
export const LARGEST_IDENT = 0xffff;
/** The ident of the main thread. */
export const MAIN_IDENT = 1;
/** The name of the main thread. */
export const MAIN_NAME = "MainThread";
/** States of a thread; 0 if the ident was never used. */
const ALIVE = 1, DEAD = 2, ENDED = 3;

/** The first cell of `wait_graph.ts`. */
export const GRAPH_START: number = STATES + LARGEST_IDENT + 1;
/** The first cell of `thread_names.ts`, then the number of its slots and the cells in a slot. */
export const NAMES_START: number = GRAPH_START + 2 * (LARGEST_IDENT + 2) + 1;
export const NAME_SLOTS = 1024, NAME_CELLS = 18;
/** Behind those as many names of keys. */
export const KEYS_START: number = NAMES_START + NAME_SLOTS * NAME_CELLS;
const CELLS = KEYS_START + NAME_SLOTS * NAME_CELLS;

/** The memory of the table. */
export type ThreadTable = Int32Array;

let table: ThreadTable = new Int32Array(new SharedArrayBuffer(4 * CELLS));
let own = MAIN_IDENT;
store(table, LATEST, MAIN_IDENT);
store(table, STATES + MAIN_IDENT, ALIVE);

/** Returns the table, to be passed to a new thread. */
export function threadTable(): ThreadTable {
  return table;
}

/** Adopts the table of the thread that started this one. */
export function joinThreads(shared: ThreadTable, ident: number): void {
  table = shared;
  own = ident;
}

/** Returns the ident of this thread. */
export function currentIdent(): number {
  return own;
}

/**
 * Allocates the ident of a thread that is about to start.
 *
 * @throws {RangeError} if all idents are in use.
 */
export function newIdent(): number {
  for (let tries = 0; tries < LARGEST_IDENT; tries++) {
    // Unsigned, because the counter wraps.
    const ident = (add(table, LATEST, 1) >>> 0) % LARGEST_IDENT + 1;
    const cell = STATES + ident;
    const state = load(table, cell);
    if (state !== ALIVE && compareExchange(table, cell, state, ALIVE) === state) return ident;
  }
  throw new RangeError(`Cannot start a thread: all thread idents are in use (limit is ${LARGEST_IDENT})`);
}

/** Records that a thread has ended, as told if `done`. Waiters then detect that its locks are abandoned. */
export function markDead(ident: number, done = false): void {
  store(table, STATES + ident, done ? ENDED : DEAD);
  add(table, DEATHS, 1);
}

/** Whether a thread has ended. */
export function isDead(ident: number): boolean {
  return load(table, STATES + ident) >= DEAD;
}

/** Whether a thread ended as told (see {@linkcode markDead}): other threads finish the items that it took. */
export function wasDone(ident: number): boolean {
  return load(table, STATES + ident) === ENDED;
}

/**
 * Stops code of a terminated thread. On Deno, a thread that was terminated while blocked may continue when it is
 * notified, after other threads were told that it is dead.
 *
 * @throws {InvalidStateError} if this thread was terminated.
 */
export function checkAlive(): void {
  if (peek(table, STATES + own) >= DEAD) throw new InvalidStateError("Cannot continue: this thread was terminated");
}

/** The number of threads that have died; may be stale. */
export function deaths(): number {
  return peek(table, DEATHS);
}
