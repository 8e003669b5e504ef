/**
 * The memory of a shared queue: what lies where.
 *
 * @module
 */

import { ownCells } from "../sync/memory.ts";

/** The cell of the lock; alone in its line of the cache, as everybody writes it. */
export const MUTEX = 0;
/** How many items there are, and whether the queue is shut down: what one may read without the lock. */
export const COUNT = 16, SHUT = 17;
/** The first free piece, how many are free, and how many were ever used. */
export const FREE = 18, FREE_COUNT = 19, USED = 20;
/** What the order keeps: the first and the last record, or the root of the tree. */
export const FIRST = 21, LAST = 22;
/** How many pieces there are, how large each is, and how many bytes were asked for. */
export const PIECES = 23, PIECE_SIZE = 24, BYTES = 25;
/** How many items were lost with threads that died, and how many of these were reported. */
export const LOST = 26, REPORTED = 27;
/** Numbers of eight bytes: the next sequence number, how many items are not done, and how many fit in. */
export const NEXT_SEQUENCE = 14, UNFINISHED = 15, MAX_SIZE = 16;
/** How many notes the journal has, in a cell; and the first of them, in numbers. */
export const NOTES = 34, FIRST_NOTE = 18;
/** The cells of the lines: of those who get, who put and who join. */
export const GETTERS = 64, PUTTERS = 80, JOINERS = 96;
/** Whose seat it is, and how many items its thread has taken that are not done. */
export const SEATS = 112, SEAT_COUNT = 64, SEAT_CELLS = 2;
/** What is known of each piece, in a line of the cache; pieces are counted from 1. The first of a record has it all. */
const PIECE_NOTES = 240, NOTE_CELLS = 16;

/** Cells of a piece: the next one of its record or of the free ones; and whether a record begins here that is in the queue. */
export const NEXT = 0, STATE = 1;
/** Cells of a record: its size, and its neighbours. */
export const SIZE = 2, LEFT = 3, RIGHT = 4;
/** A cell that tells what kind of key it has. */
export const KIND = 5;
/** Numbers of a record: when it came, and its key. */
export const SEQUENCE = 3, KEY = 4;

/** Up to this size memory is divided into small pieces, which waste less; beyond into large ones, which are fewer. */
const SMALL = 2 ** 28, SMALL_PIECE = 64, LARGE_PIECE = 256;
/** The largest memory, in bytes: a cell holds its size. */
export const MOST_BYTES: number = 2 ** 31 - 1;

/** The memory of one queue. */
export class Region {
  readonly cells: Int32Array;
  readonly numbers: Float64Array;
  readonly bytes: Uint8Array;
  /** How large a piece is. */
  readonly pieceSize: number;
  /** How many bytes its items may have together. */
  readonly capacity: number;
  readonly maxSize: number;
  readonly #data: number;

  /** Makes fresh memory, or takes what other threads have already made. */
  constructor(maxSize: number, capacity: number) {
    const pieceSize = capacity <= SMALL ? SMALL_PIECE : LARGE_PIECE;
    const pieces = Math.ceil(capacity / pieceSize);
    const { cells, fresh } = ownCells(notesOf(pieces + 1) + pieces * pieceSize / 4);
    this.cells = cells;
    this.numbers = new Float64Array(cells.buffer);
    this.bytes = new Uint8Array(cells.buffer);
    if (fresh) {
      cells[PIECES] = cells[FREE_COUNT] = pieces;
      cells[PIECE_SIZE] = pieceSize;
      cells[BYTES] = capacity;
      this.numbers[MAX_SIZE] = maxSize;
    }
    this.pieceSize = cells[PIECE_SIZE]!;
    this.capacity = cells[BYTES]!;
    this.maxSize = this.numbers[MAX_SIZE]!;
    this.#data = 4 * notesOf(cells[PIECES]! + 1) - this.pieceSize;
  }

  /** Where the bytes of a piece begin. */
  place(piece: number): number {
    return this.#data + piece * this.pieceSize;
  }
}

/** The first cell of a piece. */
export function notesOf(piece: number): number {
  return PIECE_NOTES + piece * NOTE_CELLS;
}

/** The first number of a piece. */
export function numbersOf(piece: number): number {
  return (PIECE_NOTES + piece * NOTE_CELLS) / 2;
}
