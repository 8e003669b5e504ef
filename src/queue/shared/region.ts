/**
 * The memory layout of a shared queue.
 *
 * Values that different threads write at the same time lie in different cache lines of 16 cells.
 *
 * @module
 */

import { ownCells } from "../../sync/memory.ts";

/** The lock; for a ring, the lock of the getters. */
export const MUTEX = 0;
/** For a ring: the tail as last seen by the getters, and the head up to which all taken items are counted. */
export const SEEN_TAIL = 1, SETTLED = 2;
/** The count that is due once the head has moved: the taker's balance cell and its next value. */
export const TAKER = 3, NEXT_BALANCE = 4;
/** Eight-byte numbers: how many items were taken from a ring, and the next value of that number. */
export const TAKES = 3, NEXT_TAKES = 4;

/** The lock of a ring's putters; the head as last seen by them, and the tail that the latest putter found. */
export const PUT_MUTEX = 16, SEEN_HEAD = 17, FOUND_TAIL = 18;
/** Numbers: all puts so far, the puts before the latest one, and the takes as last seen by the putters. */
export const PUTS = 10, PUTS_BEFORE = 11, SEEN_TAKES = 12;

/** The ends of a ring. */
export const TAIL = 32, HEAD = 48;

/** Whether the queue is shut down, the number of pieces, their size, and the capacity that was requested. */
export const SHUT = 64, PIECES = 65, PIECE_SIZE = 66, BYTES = 67;
/** A number: the maximum number of items. */
export const MAX_SIZE = 35;

/** The numbers of items that were lost with dead threads, and of those that were reported. */
export const LOST = 80, REPORTED = 81;
/** A number: how many items are done, lost or discarded. */
export const FINISHED = 42;
/** The number of notes in the journal, as a cell, and the first note, in numbers. */
export const NOTES = 86, FIRST_NOTE = 56;

/** For records: their count, the first free piece, the number of free pieces, and how many pieces were ever used. */
export const COUNT = 96, FREE = 97, FREE_COUNT = 98, USED = 99;
/** The state of the order: the first record, or the root of the tree. */
export const FIRST = 100;

/** The cells of the getters', putters' and joiners' lines. */
export const GETTERS = 128, PUTTERS = 144, JOINERS = 160;
/** Thread slots: the thread id, and how many items the thread has taken and not finished. */
export const THREAD_SLOTS = 176, THREAD_SLOT_COUNT = 64, THREAD_SLOT_CELLS = 2;
/** The notes on each piece; pieces are numbered from 1. */
const PIECE_NOTES = 304;

/** Cells of notes per piece of a ring. Only the first piece of an item has notes: the item's size. */
export const SLOT_CELLS = 4, SLOT_SIZE = 0;
/** A number in the notes: the item, if it is a number. */
export const SLOT_NUMBER = 1;

/**
 * Cells of notes per piece of a record; few, because a tree search reads many. Only the first piece of a record uses
 * all.
 */
export const RECORD_CELLS = 10;
/** The next piece of the record or of the free list; and whether a record in the queue begins at this piece. */
export const NEXT = 0, STATE = 1;
/** For records: the size, and the neighbours in the order. */
export const SIZE = 2, LEFT = 3, RIGHT = 4;
/** The kind of the record's key. */
export const KIND = 5;
/** Numbers of a record: its arrival number, and its key. */
export const SEQUENCE = 3, KEY = 4;

/**
 * Up to this capacity, memory is divided into small pieces, which waste less; above it into large pieces, which are
 * fewer.
 */
const SMALL = 2 ** 28, SMALL_PIECE = 64, LARGE_PIECE = 256;
/** The largest capacity in bytes: a cell must hold it. */
export const MOST_BYTES: number = 2 ** 31 - 1;

/** The memory of one queue. */
export class Region {
  readonly cells: Int32Array;
  readonly numbers: Float64Array;
  readonly bytes: Uint8Array;
  /** The size of a piece in bytes. */
  readonly pieceSize: number;
  /** The capacity in bytes. */
  readonly capacity: number;
  readonly maxSize: number;
  readonly #data: number;

  /**
   * Allocates memory, or takes the memory that another thread has allocated.
   *
   * @param pieceCells the number of cells of notes per piece.
   */
  constructor(maxSize: number, capacity: number, pieceCells: number) {
    const pieceSize = capacity <= SMALL ? SMALL_PIECE : LARGE_PIECE;
    const pieces = Math.ceil(capacity / pieceSize);
    const { cells, fresh } = ownCells(PIECE_NOTES + (pieces + 1) * pieceCells + pieces * pieceSize / 4);
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
    this.#data = 4 * (PIECE_NOTES + (cells[PIECES]! + 1) * pieceCells) - this.pieceSize;
  }

  /** The offset at which a piece's bytes begin. */
  place(piece: number): number {
    return this.#data + piece * this.pieceSize;
  }
}

/** The number of pieces that `size` bytes need. */
export function piecesFor(size: number, pieceSize: number): number {
  return size <= pieceSize ? 1 : Math.ceil(size / pieceSize);
}

/** The first cell of the notes on a ring's piece. */
export function slotOf(piece: number): number {
  return PIECE_NOTES + piece * SLOT_CELLS;
}

/** The first cell of the notes on a record's piece. */
export function notesOf(piece: number): number {
  return PIECE_NOTES + piece * RECORD_CELLS;
}

/** The first number in the notes on a record's piece. */
export function numbersOf(piece: number): number {
  return (PIECE_NOTES + piece * RECORD_CELLS) / 2;
}
