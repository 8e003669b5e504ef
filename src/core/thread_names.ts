/**
 * Stores the names of this process's threads, and the keys they lock, in memory that all threads share, for messages.
 *
 * @module
 */

import { load, store } from "./cell.ts";
import { KEYS_START, MAIN_IDENT, MAIN_NAME, NAME_CELLS, NAME_SLOTS, NAMES_START, threadTable } from "./thread_table.ts";

/**
 * Cell offsets in a slot: the thread's ident (0 during a write), the length of its name, the letters, two in a cell.
 */
const IDENT = 0, LENGTH = 1, LETTERS = 2;
/** The maximum length of a name; longer names are truncated. */
export const LONGEST_NAME: number = 2 * (NAME_CELLS - LETTERS);

/**
 * Stores the name of a thread that is about to start. Idents that are a multiple of `NAME_SLOTS` apart share a slot,
 * which holds the later name.
 */
export function noteName(ident: number, name: string): void {
  write(slotOf(ident, NAMES_START), ident, name);
}

/** Notes the key that a lock of the graph of waits stands for; slots are shared as those of threads are. */
export function noteKey(lock: number, key: string): void {
  write(slotOf(lock, KEYS_START), lock, key);
}

/** Returns the name of a thread, or undefined if another one has its slot. */
export function nameOf(ident: number): string | undefined {
  return ident === MAIN_IDENT ? MAIN_NAME : read(slotOf(ident, NAMES_START), ident);
}

/** Returns the key that a lock stands for, or undefined if it has none or another one has its slot. */
export function keyOf(lock: number): string | undefined {
  return read(slotOf(lock, KEYS_START), lock);
}

function write(slot: number, ident: number, name: string): void {
  const table = threadTable();
  const cut = name.length > LONGEST_NAME ? name.slice(0, LONGEST_NAME - 3) + "..." : name;
  store(table, slot + IDENT, 0);
  store(table, slot + LENGTH, cut.length);
  for (let i = 0; i < cut.length; i += 2) {
    store(table, slot + LETTERS + i / 2, cut.charCodeAt(i) | (cut.charCodeAt(i + 1) || 0) << 16);
  }
  store(table, slot + IDENT, ident);
}

function read(slot: number, ident: number): string | undefined {
  const table = threadTable();
  if (load(table, slot + IDENT) !== ident) return undefined;
  const length = load(table, slot + LENGTH);
  let name = "";
  for (let i = 0; i < length; i++) {
    name += String.fromCharCode(load(table, slot + LETTERS + (i >> 1)) >>> (i % 2 * 16) & 0xffff);
  }
  // Another thread may have overwritten the name meanwhile.
  return load(table, slot + IDENT) === ident ? name : undefined;
}

function slotOf(ident: number, start: number): number {
  return start + ident % NAME_SLOTS * NAME_CELLS;
}
