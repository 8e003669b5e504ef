/**
 * Which thread waits for which lock, and who holds that: a graph in the memory of the thread table.
 *
 * @module
 */

import { add, compareExchange, load, store } from "./cell.ts";
import { currentIdent, GRAPH_START, LARGEST_IDENT, threadTable } from "./thread_table.ts";

/** Whether anybody looks at the graph, and the number of the latest lock in it. */
const WATCHED = GRAPH_START, LATEST_LOCK = GRAPH_START + 1;
/** For each thread the lock it waits for, and for each lock the thread that holds it. */
const WAITS = GRAPH_START + 2, HOLDERS = WAITS + LARGEST_IDENT + 1;
/** The thread whose turn it is to look for a cycle, or 0. */
const TURN = HOLDERS + LARGEST_IDENT + 1;
/** After this number of attempts to get the turn, the thread that has it must have been ended. */
const MOST_TRIES = 2 ** 20;
/** Locks are numbered from 1; beyond this they share numbers, so that a cycle may be missed. */
const LARGEST_LOCK = LARGEST_IDENT;
/** Where the kind of a lock lies, above its number. */
const KIND_SHIFT = 16, NUMBER_BITS = 0xffff;

/** One step of a cycle: a thread, the lock it holds and the one it waits for. */
export interface Wait {
  readonly thread: number;
  readonly holds: number;
  readonly waitsFor: number;
}

/** Whether locks note who holds and who waits. */
export function isWatched(): boolean {
  return threadTable()[WATCHED] === 1;
}

/** Says whether locks note who holds and who waits, in all threads. */
export function watch(on: boolean): void {
  store(threadTable(), WATCHED, on ? 1 : 0);
}

/**
 * The number of the lock whose memory has a cell for it, together with its kind.
 *
 * @param kind a small number; what it stands for is known to those who note and report waits.
 */
export function lockNumber(cells: Int32Array, index: number, kind = 0): number {
  const number = load(cells, index);
  if (number !== 0) return number;
  const next = add(threadTable(), LATEST_LOCK, 1) % LARGEST_LOCK + 1;
  compareExchange(cells, index, 0, next | kind << KIND_SHIFT);
  return load(cells, index);
}

/** The parts of what {@linkcode lockNumber} returns. */
export function partsOf(lock: number): { kind: number; number: number } {
  return { kind: lock >>> KIND_SHIFT, number: lock & NUMBER_BITS };
}

/** Notes who holds a lock; 0 for nobody. */
export function noteHolder(lock: number, thread: number): void {
  store(threadTable(), HOLDERS + (lock & NUMBER_BITS), thread);
}

/** Notes what a thread waits for; 0 for nothing. */
export function noteWait(thread: number, lock: number): void {
  store(threadTable(), WAITS + thread, lock);
}

/**
 * Calls a function while no other thread of the process does. Several threads may close a cycle at the same moment; if each
 * notes its wait and searches in one turn, only the last of them finds the cycle.
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

/** Follows the waits from a thread: the cycle that leads back to it, or undefined. */
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
      // Each holds what the one before it waits for.
      return path.map((wait, i) => ({ ...wait, holds: path[(i + path.length - 1) % path.length]!.waitsFor }));
    }
    // A cycle of others: they will find it themselves.
    if (path.some((wait) => wait.thread === at)) return undefined;
  }
  return undefined;
}
