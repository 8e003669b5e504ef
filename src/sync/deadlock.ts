/**
 * Deadlock detection for locks.
 *
 * @module
 */

import { DeadlockError } from "../core/errors.ts";
import { currentIdent, MAIN_IDENT } from "../core/thread_table.ts";
import { keyOf, nameOf, noteKey } from "../core/thread_names.ts";
import {
  findCycle,
  inTurn,
  isWatched,
  lockNumber,
  noteHolder,
  noteWait,
  partsOf,
  type Wait,
  watch,
} from "../core/wait_graph.ts";

/** The kinds of locks, by their numbers in the wait graph. */
const KINDS = ["lock", "Lock", "RLock", "KeyedLock"] as const;

/**
 * Switches deadlock detection on or off in all threads of the process. Detection is off by default, and costs nothing
 * while it is off.
 *
 * With detection on, an `acquire` of a `Lock`, an `RLock` or a `KeyedLock` rejects with a `DeadlockError` if the wait
 * would close a cycle of threads, each waiting for a lock that the next one holds. The error names the threads, and the
 * locks by kind and number or key. The other threads continue once the caller has released what it holds.
 *
 * Detection assumes that a thread does one thing at a time. An asynchronous wait does not block the main thread, so
 * only the `Sync` forms are checked there. Switch detection on before any lock is acquired.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { DeadlockError, Lock, setDeadlockDetection } from "@heddle/heddle/sync";
 *
 * setDeadlockDetection(true);
 * const lock = new Lock();
 * const permit = lock.acquireSync();
 * assertThrows(() => lock.acquireSync(), DeadlockError);
 * permit.release();
 * setDeadlockDetection(false);
 * ```
 */
export function setDeadlockDetection(on: boolean): void {
  if (typeof on !== "boolean") {
    throw new TypeError(
      `Cannot set deadlock detection as 'on' must be a boolean: current value is of type ${typeof on}`,
    );
  }
  watch(on);
}

/** Reports what happens to one lock while detection is on. */
export class Watcher {
  readonly #cells: Int32Array;
  readonly #cell: number;
  readonly #kind: number;
  readonly #key: string | undefined;

  /**
   * @param cell the cell of the lock's number.
   * @param key the name of the lock in messages, instead of its number.
   */
  constructor(cells: Int32Array, cell: number, kind: "Lock" | "RLock" | "KeyedLock", key?: string) {
    this.#cells = cells;
    this.#cell = cell;
    this.#kind = KINDS.indexOf(kind);
    this.#key = key;
  }

  /** Called after this thread has acquired the lock. */
  taken(): void {
    if (isWatched()) noteHolder(this.#number, currentIdent());
  }

  /** Called before the lock is released. */
  released(): void {
    if (isWatched()) noteHolder(this.#number, 0);
  }

  /**
   * Called before this thread waits for the lock.
   *
   * @returns a function to call after the wait, or undefined if the wait is not recorded.
   * @throws {DeadlockError} if the wait would never end.
   */
  waits(sync: boolean): (() => void) | undefined {
    const me = currentIdent();
    if (!isWatched() || (me === MAIN_IDENT && !sync)) return undefined;
    const number = this.#number;
    const cycle = inTurn(() => {
      noteWait(me, number);
      const found = findCycle(me);
      // A self-cycle is no deadlock for an asynchronous wait: other code on this thread can still release the lock.
      if (found === undefined || (found.length === 1 && !sync)) return undefined;
      noteWait(me, 0);
      return found;
    });
    if (cycle === undefined) return () => noteWait(me, 0);
    throw new DeadlockError(`Cannot acquire ${nameOfLock(number)}: the wait would close a cycle: ${describe(cycle)}`);
  }

  get #number(): number {
    const number = lockNumber(this.#cells, this.#cell, this.#kind);
    if (this.#key !== undefined) noteKey(number, this.#key);
    return number;
  }
}

function describe(cycle: readonly Wait[]): string {
  const names = cycle.map(({ thread }) => nameOf(thread));
  const steps = cycle.map(({ thread, holds, waitsFor }, i) => {
    const name = names[i];
    // Names need not be unique, and a thread's name may be unknown here; the thread's number identifies it.
    const number = names.indexOf(name) === names.lastIndexOf(name) ? "" : ` (${thread})`;
    const who = name === undefined ? `thread ${thread}` : `thread ${JSON.stringify(name)}${number}`;
    return `${who} holds ${nameOfLock(holds)} and waits for ${nameOfLock(waitsFor)}`;
  });
  return steps.join(", ");
}

function nameOfLock(lock: number): string {
  const { kind, number } = partsOf(lock);
  const key = keyOf(lock);
  return key === undefined ? `${KINDS[kind]} ${number}` : `${KINDS[kind]} key ${JSON.stringify(key)}`;
}
