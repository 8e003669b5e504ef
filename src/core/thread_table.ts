/**
 * Which threads of this process there are: a table in memory that all of them share.
 *
 * @module
 */

import { add, compareExchange, load, peek, store } from "./cell.ts";
import { InvalidStateError } from "./errors.ts";

/** The cells: the latest ident, and how many threads have died. */
const LATEST = 0, DEATHS = 1;
/** From here on each thread has a cell of its own. */
const STATES = 2;
/** Idents are numbers from 1 to this; the main thread is 1. Those of dead threads are used again after the last. */
export const LARGEST_IDENT = 0xffff;
/** The main thread. */
export const MAIN_IDENT = 1;
/** What it is called. */
export const MAIN_NAME = "MainThread";
/** States of a thread; 0 of none. */
const ALIVE = 1, DEAD = 2, ENDED = 3;

/** Behind them there is room for what `wait_graph.ts` notes. */
export const GRAPH_START: number = STATES + LARGEST_IDENT + 1;
/** Behind that there are the names of `thread_names.ts`: so many, of so many cells each. */
export const NAMES_START: number = GRAPH_START + 2 * (LARGEST_IDENT + 2) + 1;
export const NAME_SLOTS = 1024, NAME_CELLS = 18;
const CELLS = NAMES_START + NAME_SLOTS * NAME_CELLS;

/** The memory of the table. */
export type ThreadTable = Int32Array;

let table: ThreadTable = new Int32Array(new SharedArrayBuffer(4 * CELLS));
let own = MAIN_IDENT;
store(table, LATEST, MAIN_IDENT);
store(table, STATES + MAIN_IDENT, ALIVE);

/** Returns the table, to be handed to a thread that is started. */
export function threadTable(): ThreadTable {
  return table;
}

/** Joins the table of the thread that started this one. */
export function joinThreads(shared: ThreadTable, ident: number): void {
  table = shared;
  own = ident;
}

/** The number of this thread. */
export function currentIdent(): number {
  return own;
}

/** Returns the number of a thread that is about to be started. */
export function newIdent(): number {
  for (let tries = 0; tries < LARGEST_IDENT; tries++) {
    // Unsigned, as the count wraps.
    const ident = (add(table, LATEST, 1) >>> 0) % LARGEST_IDENT + 1;
    const cell = STATES + ident;
    const state = load(table, cell);
    if (state !== ALIVE && compareExchange(table, cell, state, ALIVE) === state) return ident;
  }
  throw new RangeError(`Cannot start a thread as there are too many: the limit is ${LARGEST_IDENT}`);
}

/** Says that a thread is gone, maybe because it was done. What it held is found by those who wait for it. */
export function markDead(ident: number, done = false): void {
  store(table, STATES + ident, done ? ENDED : DEAD);
  add(table, DEATHS, 1);
}

/** Whether a thread is gone. */
export function isDead(ident: number): boolean {
  return load(table, STATES + ident) >= DEAD;
}

/** Whether a thread is gone because it was done: what it took from others it has handed on. */
export function wasDone(ident: number): boolean {
  return load(table, STATES + ident) === ENDED;
}

/**
 * Ends what a thread that is gone still does: on Deno one that was terminated while it was blocked goes on when it is
 * called, after others have been told that it is dead.
 */
export function checkAlive(): void {
  if (peek(table, STATES + own) >= DEAD) throw new InvalidStateError("Cannot go on in a thread that was terminated");
}

/** How many threads have died so far, as far as this one has been told. */
export function deaths(): number {
  return peek(table, DEATHS);
}
