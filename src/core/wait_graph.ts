/**
 * The wait-for graph of threads and locks, in the memory of the thread table.
 *
 * @module
 */

import { add, compareExchange, load, store } from "./cell.ts";
import { currentIdent, GRAPH_START, LARGEST_IDENT, threadTable } from "./thread_table.ts";

/** Cells: whether the graph is recorded, and the latest lock number. */
const WATCHED = GRAPH_START, LATEST_LOCK = GRAPH_START + 1;
/** The first of the cells that hold the lock each thread waits for, and the thread that holds each lock. */
const WAITS = GRAPH_START + 2, HOLDERS = WAITS + LARGEST_IDENT + 1;
/** The cell with the thread that may search for a cycle, or 0. */
const TURN = HOLDERS + LARGEST_IDENT + 1;
/** The number of attempts to get the turn after which its holder is considered dead. */
const MOST_TRIES = 2 ** 20;
/** The largest lock number; numbers start at 1. More locks share numbers, so that a cycle may be missed. */
const LARGEST_LOCK = LARGEST_IDENT;
/** The position of a lock's kind, above its number. */
const KIND_SHIFT = 16, NUMBER_BITS = 0xffff;

/** A step of a cycle: a thread, the lock it holds, and the lock it waits for. */
export interface Wait {
  readonly thread: number;
  readonly holds: number;
  readonly waitsFor: number;
}

/** Whether locks record their holders and waiters. */
export function isWatched(): boolean {
  return threadTable()[WATCHED] === 1;
}

/** Sets whether locks record their holders and waiters, in all threads. */
export function watch(on: boolean): void {
  store(threadTable(), WATCHED, on ? 1 : 0);
}

/**
 * Returns the number of a lock combined with its kind; allocates the number at the first call.
 *
 * @param cells the lock's memory, with a cell for the number at `index`.
 * @param kind a small number that the callers define.
 */
export function lockNumber(cells: Int32Array, index: number, kind = 0): number {
  const number = load(cells, index);
  if (number !== 0) return number;
  const next = add(threadTable(), LATEST_LOCK, 1) % LARGEST_LOCK + 1;
  compareExchange(cells, index, 0, next | kind << KIND_SHIFT);
  return load(cells, index);
}

/** Splits a value that {@linkcode lockNumber} returned. */
export function partsOf(lock: number): { kind: number; number: number } {
  return { kind: lock >>> KIND_SHIFT, number: lock & NUMBER_BITS };
}

/** Records the thread that holds a lock; 0 if it is free. */
export function noteHolder(lock: number, thread: number): void {
  store(threadTable(), HOLDERS + (lock & NUMBER_BITS), thread);
}

/** Records the lock that a thread waits for; 0 if none. */
export function noteWait(thread: number, lock: number): void {
  store(threadTable(), WAITS + thread, lock);
}

/**
 * Calls a function under mutual exclusion among the threads of the process. Several threads may close a cycle at the
 * same time. If each thread records its wait and searches in one turn, only the last of them finds the cycle.
 */
export function inTurn<T>(fn: () => T): T {
  const [table, me] = [threadTable(), currentIdent()];
  let tries = 0;
  while (compareExchange(table, TURN, 0, me) !== 0) {
    if (++tries > MOST_TRIES) store(table, TURN, 0);
  }
  try {
    return fn();
  } finally {
    compareExchange(table, TURN, me, 0);
  }
}

/** Follows the waits from a thread. Returns the cycle that leads back to it, or undefined. */
export function findCycle(thread: number): Wait[] | undefined {
  const table = threadTable();
  const path: { thread: number; waitsFor: number }[] = [];
  for (let at = thread; path.length <= LARGEST_IDENT;) {
    const waitsFor = load(table, WAITS + at);
    if (waitsFor === 0) return undefined;
    path.push({ thread: at, waitsFor });
    at = load(table, HOLDERS + (waitsFor & NUMBER_BITS));
    if (at === 0) return undefined;
    if (at === thread) {
      // Each thread holds the lock that the thread before it waits for.
      return path.map((wait, i) => ({ ...wait, holds: path[(i + path.length - 1) % path.length]!.waitsFor }));
    }
    // A cycle without this thread: its own members find it.
    if (path.some((wait) => wait.thread === at)) return undefined;
  }
  return undefined;
}
