/**
 * Notices threads that wait for each other.
 *
 * @module
 */

import { DeadlockError } from "../core/errors.ts";
import { currentIdent, MAIN_IDENT } from "../core/thread_table.ts";
import { nameOf } from "../core/thread_names.ts";
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

/** The kinds of locks, by their numbers in the graph. */
const KINDS = ["lock", "Lock", "RLock"] as const;

/**
 * Switches the detection of deadlocks on or off, in all threads of the process. Off, which it is at first, it costs
 * nothing.
 *
 * With it on, an `acquire` of a `Lock` or an `RLock` that would close a cycle of threads, each of which waits for a lock
 * that the next one holds, ends in a `DeadlockError` that names the threads, and the locks by kind and number; the other
 * threads go on waiting, and can go on once the one that was told has released what it holds. A thread counts as doing one thing at a time. The main
 * thread does not when it waits asynchronously, so only its `Sync` forms are looked at. Switch it on before locks are
 * taken.
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
  if (typeof on !== "boolean") throw new TypeError(`Cannot set the detection as 'on' must be a boolean: ${typeof on}`);
  watch(on);
}

/** What a lock tells of itself while the detection is on. */
export class Watcher {
  readonly #cells: Int32Array;
  readonly #cell: number;
  readonly #kind: number;

  /** @param cell the cell of its memory for its number. */
  constructor(cells: Int32Array, cell: number, kind: "Lock" | "RLock") {
    this.#cells = cells;
    this.#cell = cell;
    this.#kind = KINDS.indexOf(kind);
  }

  /** This thread has taken it. */
  taken(): void {
    if (isWatched()) noteHolder(this.#number, currentIdent());
  }

  /** It is about to be released. */
  released(): void {
    if (isWatched()) noteHolder(this.#number, 0);
  }

  /**
   * This thread is about to wait for it.
   *
   * @returns what is to be called after the wait, if it counts.
   * @throws {DeadlockError} if it would wait for ever.
   */
  waits(sync: boolean): (() => void) | undefined {
    const me = currentIdent();
    if (!isWatched() || (me === MAIN_IDENT && !sync)) return undefined;
    const number = this.#number;
    const cycle = inTurn(() => {
      noteWait(me, number);
      const found = findCycle(me);
      // What this thread holds itself another part of it may release, unless it blocks.
      if (found === undefined || (found.length === 1 && !sync)) return undefined;
      noteWait(me, 0);
      return found;
    });
    if (cycle === undefined) return () => noteWait(me, 0);
    throw new DeadlockError(`Cannot acquire ${nameOfLock(number)}: it would close a cycle, as ${describe(cycle)}`);
  }

  get #number(): number {
    return lockNumber(this.#cells, this.#cell, this.#kind);
  }
}

function describe(cycle: readonly Wait[]): string {
  const names = cycle.map(({ thread }) => nameOf(thread));
  const steps = cycle.map(({ thread, holds, waitsFor }, i) => {
    const name = names[i];
    // Names need not be unique; a thread whose name is not known here has its number.
    const number = names.indexOf(name) === names.lastIndexOf(name) ? "" : ` (${thread})`;
    const who = name === undefined ? `thread ${thread}` : `thread ${JSON.stringify(name)}${number}`;
    return `${who} holds ${nameOfLock(holds)} and waits for ${nameOfLock(waitsFor)}`;
  });
  return steps.join(", ");
}

function nameOfLock(lock: number): string {
  const { kind, number } = partsOf(lock);
  return `${KINDS[kind]} ${number}`;
}
