/**
 * The keys that threads hold or wait for, in memory that all of them share.
 *
 * One lock for each hash is tempting, as it needs no table. But two keys with the same hash would then exclude each
 * other, and a caller that holds the first and waits for the second would deadlock. So the table stores the keys
 * themselves.
 *
 * @module
 */

import { add, load, notifyAll, store } from "../core/cell.ts";
import { AbandonedError } from "../core/errors.ts";
import { currentIdent, deaths, isDead } from "../core/thread_table.ts";
import { WAIT_QUEUE_CELLS } from "./shared_wait_queue.ts";
import { JOURNAL_END, UndoJournal } from "./undo_journal.ts";

/** The first free block, and the end of the used ones. */
const FREE = 2, USED = 3;
/** The first entry of each hash, by its lowest bits. */
const BUCKETS = JOURNAL_END, BUCKET_COUNT = 2 ** 14;
const FIRST_BLOCK = BUCKETS + BUCKET_COUNT;
/** Memory is allocated in blocks; only those in use take physical memory. */
const BLOCK = 16, CELLS = 2 ** 23;

/**
 * The cells of a block. The first ones belong to the wait queue in every kind of block, so that a late wake-up of a
 * deleted key overwrites nothing else. Then comes the next block of the chain.
 */
const EPOCH = 1, NEXT = WAIT_QUEUE_CELLS;
/**
 * An entry: its key's hash and length, the block with the rest of the key, the threads that use the key, and its state.
 */
const HASH = 4, LENGTH = 5, TEXT = 6, USERS = 7, HELD = 8, ABANDONED = 9, NUMBER = 10, LETTERS = 11;
/** The number of characters in an entry, and in each block of the rest: two per cell. */
const ENTRY_LETTERS = 2 * (BLOCK - LETTERS), TEXT_LETTERS = 2 * (BLOCK - NEXT - 1);
/** A user of a key: a thread, the number of its permits, and the number of its waiting callers. */
const THREAD = 4, HOLDS = 5, WAITS = 6;

/** A key that this thread uses. */
export interface Place {
  readonly entry: number;
  readonly user: number;
}

/** A key with the threads that use it. */
export interface KeyUsers {
  readonly key: string;
  readonly users: readonly { readonly thread: number; readonly holds: number; readonly waits: number }[];
}

/**
 * A hash table of keys. A thread changes the table with the mutex held, and records the former value of each cell: if
 * the thread dies during a change, the next thread undoes that change.
 */
export class KeyTable {
  readonly cells: Int32Array;
  readonly #journal: UndoJournal;
  readonly #limit: number;
  readonly #abandons: boolean;
  /** The number of thread deaths that this thread has handled. */
  #deaths = 0;

  /**
   * @param cells the memory of a table that another thread has created; new memory if omitted.
   * @param limit the number of permits of each key.
   * @param abandons whether waiters get an `AbandonedError` if a holder dies.
   */
  constructor(cells: Int32Array | undefined, limit: number, abandons: boolean) {
    this.cells = cells ?? new Int32Array(new SharedArrayBuffer(4 * CELLS));
    this.#journal = new UndoJournal(this.cells);
    this.#limit = limit;
    this.#abandons = abandons;
    if (cells === undefined) this.cells[USED] = FIRST_BLOCK;
  }

  /** Finds or creates the entry of a key, and adds this thread as its user. */
  open(key: string, holds = 0, waits = 0, abandoned = 0): Place {
    this.#recoverIfNeeded();
    return this.#journal.change(() => {
      const entry = this.#find(key) ?? this.#addEntry(key, abandoned);
      const user = this.#allocate(1);
      const { cells } = this;
      cells[user + THREAD] = currentIdent();
      cells[user + HOLDS] = holds;
      cells[user + WAITS] = waits;
      this.#journal.set(user + NEXT, cells[entry + USERS]!);
      this.#journal.set(entry + USERS, user);
      if (holds > 0) this.#journal.set(entry + HELD, cells[entry + HELD]! + holds);
      return { entry, user };
    });
  }

  /** Removes this thread from the users of a key unless it holds the key or waits for it; true if it was removed. */
  close({ entry, user }: Place): boolean {
    return this.#journal.change(() => this.#closeUnused(entry, user));
  }

  /**
   * Takes a permit of the key, if one is free.
   *
   * @param abandoned the result of `abandoned()` when the caller began to wait; undefined for a caller that does not
   * wait.
   * @param waiting whether the caller counts as waiting.
   * @throws {AbandonedError} if the key was abandoned since then.
   */
  take({ entry, user }: Place, abandoned: number | undefined, waiting: boolean): boolean {
    return this.#journal.change(() => {
      const { cells } = this;
      if (abandoned !== undefined && cells[entry + ABANDONED] !== abandoned) throw abandonedKey();
      if (cells[entry + HELD]! >= this.#limit) return false;
      this.#journal.set(entry + HELD, cells[entry + HELD]! + 1);
      this.#journal.set(user + HOLDS, cells[user + HOLDS]! + 1);
      if (waiting) this.#journal.set(user + WAITS, cells[user + WAITS]! - 1);
      return true;
    });
  }

  /**
   * Releases a permit of the key.
   *
   * @param abandon whether waiters get an `AbandonedError`, because the holder has died.
   * @returns whether this thread no longer uses the key and was removed from its users.
   */
  giveBack({ entry, user }: Place, abandon: boolean): boolean {
    return this.#journal.change(() => {
      const { cells } = this;
      this.#journal.set(entry + HELD, cells[entry + HELD]! - 1);
      this.#journal.set(user + HOLDS, cells[user + HOLDS]! - 1);
      if (abandon) this.#journal.set(entry + ABANDONED, cells[entry + ABANDONED]! + 1);
      return this.#closeUnused(entry, user);
    });
  }

  /** Wakes other threads that wait for the key. If the key was deleted, a thread that is woken goes back to sleep. */
  wake({ entry }: Place): void {
    if (load(this.cells, entry) === 0) return;
    add(this.cells, entry + EPOCH, 1);
    notifyAll(this.cells, entry + EPOCH);
  }

  /** Counts a caller of this thread that begins or ends a wait. */
  countWaiter({ user }: Place, by: 1 | -1): void {
    this.#journal.change(() => this.#journal.set(user + WAITS, this.cells[user + WAITS]! + by));
  }

  /** The number of times that the key was abandoned since its entry was created. */
  abandoned({ entry }: Place): number {
    return load(this.cells, entry + ABANDONED);
  }

  /** The memory of the key's wait queue. */
  lineOf({ entry }: Place): Int32Array {
    return new Int32Array(this.cells.buffer, 4 * entry, WAIT_QUEUE_CELLS);
  }

  /** The cell of the key's number in the wait graph. */
  numberCell({ entry }: Place): number {
    return entry + NUMBER;
  }

  /** Releases the permits of dead threads; true if anything has changed. */
  recover(): boolean {
    const count = deaths();
    if (count === this.#deaths) return false;
    this.#journal.lock();
    try {
      let changed = false;
      for (const { entry, user } of this.#dead()) {
        this.#bury(entry, user);
        changed = true;
      }
      this.#deaths = count;
      return changed;
    } finally {
      this.#journal.unlock();
    }
  }

  /** Returns the keys in use, with their users. */
  list(): KeyUsers[] {
    this.recover();
    this.#journal.lock();
    try {
      const found: KeyUsers[] = [];
      const { cells } = this;
      for (const entry of this.#entries()) {
        const users = [];
        for (let user = cells[entry + USERS]!; user !== 0; user = cells[user + NEXT]!) {
          users.push({ thread: cells[user + THREAD]!, holds: cells[user + HOLDS]!, waits: cells[user + WAITS]! });
        }
        found.push({ key: this.#read(entry), users });
      }
      return found;
    } finally {
      this.#journal.unlock();
    }
  }

  #find(key: string): number | undefined {
    const hash = hashOf(key);
    const { cells } = this;
    for (let entry = cells[bucketOf(hash)]!; entry !== 0; entry = cells[entry + NEXT]!) {
      if (cells[entry + HASH] === hash && cells[entry + LENGTH] === key.length && this.#read(entry) === key) {
        return entry;
      }
    }
    return undefined;
  }

  #addEntry(key: string, abandoned: number): number {
    const rest = Math.ceil(Math.max(0, key.length - ENTRY_LETTERS) / TEXT_LETTERS);
    const entry = this.#allocate(1);
    const text = rest === 0 ? 0 : this.#allocate(rest);
    const { cells } = this;
    const hash = hashOf(key);
    for (let cell = 0; cell < NEXT; cell++) if (cell !== EPOCH) store(cells, entry + cell, 0);
    cells[entry + HASH] = hash;
    cells[entry + LENGTH] = key.length;
    cells[entry + TEXT] = text;
    cells[entry + USERS] = cells[entry + HELD] = cells[entry + NUMBER] = 0;
    cells[entry + ABANDONED] = abandoned;
    this.#write(entry, key);
    this.#journal.set(entry + NEXT, cells[bucketOf(hash)]!);
    this.#journal.set(bucketOf(hash), entry);
    return entry;
  }

  #closeUnused(entry: number, user: number): boolean {
    const { cells } = this;
    if (cells[user + HOLDS] !== 0 || cells[user + WAITS] !== 0) return false;
    this.#removeUser(entry, user);
    return true;
  }

  #removeUser(entry: number, user: number): void {
    this.#unlink(entry + USERS, user);
    this.#free(user, user);
    const { cells } = this;
    if (cells[entry + USERS] !== 0) return;
    this.#unlink(bucketOf(cells[entry + HASH]!), entry);
    this.#free(entry, entry);
    const text = cells[entry + TEXT]!;
    if (text === 0) return;
    let last = text;
    while (cells[last + NEXT] !== 0) last = cells[last + NEXT]!;
    this.#free(text, last);
  }

  /** Removes a block from the chain that begins in a cell. */
  #unlink(start: number, block: number): void {
    const { cells } = this;
    let at = start;
    while (cells[at] !== block) at = cells[at]! + NEXT;
    this.#journal.set(at, cells[block + NEXT]!);
  }

  /**
   * Allocates a chain of blocks: freed blocks first, then new ones. The number of changed cells does not depend on the
   * number of blocks.
   */
  #allocate(count: number): number {
    const { cells } = this;
    let first = 0, last = 0, next = cells[FREE]!, left = count;
    for (; left > 0 && next !== 0; left--) {
      last = next;
      if (first === 0) first = next;
      next = cells[next + NEXT]!;
    }
    const fresh = cells[USED]!;
    if (fresh + left * BLOCK > cells.length) {
      throw new RangeError("Cannot acquire a key: too many keys are in use at once");
    }
    this.#journal.set(FREE, next);
    if (left > 0) {
      for (let block = fresh, i = 1; i < left; i++, block += BLOCK) cells[block + NEXT] = block + BLOCK;
      this.#journal.set(USED, fresh + left * BLOCK);
      if (last !== 0) this.#journal.set(last + NEXT, fresh);
      else first = fresh;
      last = fresh + (left - 1) * BLOCK;
    }
    this.#journal.set(last + NEXT, 0);
    return first;
  }

  #free(first: number, last: number): void {
    this.#journal.set(last + NEXT, this.cells[FREE]!);
    this.#journal.set(FREE, first);
  }

  #write(entry: number, key: string): void {
    const { cells } = this;
    const put = (start: number, from: number, to: number) => {
      for (let i = from, cell = start; i < to; i += 2, cell++) {
        cells[cell] = key.charCodeAt(i) | (i + 1 < to ? key.charCodeAt(i + 1) << 16 : 0);
      }
    };
    put(entry + LETTERS, 0, Math.min(key.length, ENTRY_LETTERS));
    for (let from = ENTRY_LETTERS, text = cells[entry + TEXT]!; from < key.length; from += TEXT_LETTERS) {
      put(text + NEXT + 1, from, Math.min(key.length, from + TEXT_LETTERS));
      text = cells[text + NEXT]!;
    }
  }

  #read(entry: number): string {
    const { cells } = this;
    const length = cells[entry + LENGTH]!;
    let key = "";
    const get = (start: number, count: number) => {
      for (let i = 0; i < count; i++) key += String.fromCharCode(cells[start + (i >> 1)]! >>> (i % 2 * 16) & 0xffff);
    };
    get(entry + LETTERS, Math.min(length, ENTRY_LETTERS));
    for (let text = cells[entry + TEXT]!; key.length < length; text = cells[text + NEXT]!) {
      get(text + NEXT + 1, Math.min(length - key.length, TEXT_LETTERS));
    }
    return key;
  }

  *#entries(): Generator<number> {
    const { cells } = this;
    for (let bucket = BUCKETS; bucket < FIRST_BLOCK; bucket++) {
      for (let entry = cells[bucket]!; entry !== 0; entry = cells[entry + NEXT]!) yield entry;
    }
  }

  #dead(): Place[] {
    const found: Place[] = [];
    const { cells } = this;
    for (const entry of this.#entries()) {
      for (let user = cells[entry + USERS]!; user !== 0; user = cells[user + NEXT]!) {
        if (isDead(cells[user + THREAD]!)) found.push({ entry, user });
      }
    }
    return found;
  }

  #bury(entry: number, user: number): void {
    const { cells } = this;
    const held = cells[user + HOLDS]!;
    if (held > 0) {
      this.#journal.set(entry + HELD, cells[entry + HELD]! - held);
      if (this.#abandons) this.#journal.set(entry + ABANDONED, cells[entry + ABANDONED]! + 1);
    }
    this.#removeUser(entry, user);
    this.#journal.commit();
    add(cells, entry + EPOCH, 1);
    notifyAll(cells, entry + EPOCH);
  }

  #recoverIfNeeded(): void {
    if (deaths() !== this.#deaths) this.recover();
  }
}

/** The error of callers that waited when the holder died. */
export function abandonedKey(): AbandonedError {
  return new AbandonedError("Cannot acquire a key whose holder died without releasing it");
}

function bucketOf(hash: number): number {
  return BUCKETS + (hash & (BUCKET_COUNT - 1));
}

/** FNV-1a (Fowler, Noll and Vo 1991), over 16 bits at a time. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash ^ hash >>> 15;
}
