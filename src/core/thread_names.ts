/**
 * Stores the names of this process's threads in memory that all of them share, for messages about other threads.
 *
 * @module
 */

import { load, store } from "./cell.ts";
import { MAIN_IDENT, MAIN_NAME, NAME_CELLS, NAME_SLOTS, NAMES_START, threadTable } from "./thread_table.ts";

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
  const [table, slot] = [threadTable(), slotOf(ident)];
  const cut = name.length > LONGEST_NAME ? name.slice(0, LONGEST_NAME - 3) + "..." : name;
  store(table, slot + IDENT, 0);
  store(table, slot + LENGTH, cut.length);
  for (let i = 0; i < cut.length; i += 2) {
    store(table, slot + LETTERS + i / 2, cut.charCodeAt(i) | (cut.charCodeAt(i + 1) || 0) << 16);
  }
  store(table, slot + IDENT, ident);
}

/** Returns the name of a thread, or undefined if its slot holds another thread's name. */
export function nameOf(ident: number): string | undefined {
  if (ident === MAIN_IDENT) return MAIN_NAME;
  const [table, slot] = [threadTable(), slotOf(ident)];
  if (load(table, slot + IDENT) !== ident) return undefined;
  const length = load(table, slot + LENGTH);
  let name = "";
  for (let i = 0; i < length; i++) {
    name += String.fromCharCode(load(table, slot + LETTERS + (i >> 1)) >>> (i % 2 * 16) & 0xffff);
  }
  // Another thread may have overwritten the name meanwhile.
  return load(table, slot + IDENT) === ident ? name : undefined;
}

function slotOf(ident: number): number {
  return NAMES_START + ident % NAME_SLOTS * NAME_CELLS;
}
