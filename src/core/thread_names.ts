/**
 * What the threads of this process are called: a table in memory that all of them share, for messages about other threads.
 *
 * @module
 */

import { load, store } from "./cell.ts";
import { MAIN_IDENT, MAIN_NAME, NAME_CELLS, NAME_SLOTS, NAMES_START, threadTable } from "./thread_table.ts";

/** The cells of a slot: whose name it is, or 0 while it is written; how long the name is; from there on its letters, two in a cell. */
const IDENT = 0, LENGTH = 1, LETTERS = 2;
/** A longer name is cut. */
export const LONGEST_NAME: number = 2 * (NAME_CELLS - LETTERS);

/** Notes the name of a thread that is about to be started. Threads whose numbers lie far apart share a slot: the later one has it. */
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

/** Returns the name of a thread, or undefined if another one has its slot. */
export function nameOf(ident: number): string | undefined {
  if (ident === MAIN_IDENT) return MAIN_NAME;
  const [table, slot] = [threadTable(), slotOf(ident)];
  if (load(table, slot + IDENT) !== ident) return undefined;
  const length = load(table, slot + LENGTH);
  let name = "";
  for (let i = 0; i < length; i++) {
    name += String.fromCharCode(load(table, slot + LETTERS + (i >> 1)) >>> (i % 2 * 16) & 0xffff);
  }
  // Another name may have been written meanwhile.
  return load(table, slot + IDENT) === ident ? name : undefined;
}

function slotOf(ident: number): number {
  return NAMES_START + ident % NAME_SLOTS * NAME_CELLS;
}
