/**
 * The memory of a shared queue: what lies where.
 *
 * What different threads write at the same time lies in different lines of the cache, of 16 cells each.
 *
 * @module
 */

import { ownCells } from "../sync/memory.ts";

/** The lock; of a ring, of those who get. */
export const MUTEX = 0;
/** Of a ring: how far those who get have seen the tail, and the head up to which all that was taken is counted. */
export const SEEN_TAIL = 1, SETTLED = 2;
/** What is counted once the head has moved: whose balance that is, and what it then is; and how many were taken. */
export const TAKER = 3, NEXT_BALANCE = 4;
/** Numbers of eight bytes: how many items were taken from a ring, and how many that will be. */
export const TAKES = 3, NEXT_TAKES = 4;

/** The lock of those who put into a ring; how far they have seen the head, and which tail the latest has found. */
export const PUT_MUTEX = 16, SEEN_HEAD = 17, FOUND_TAIL = 18;
/** Numbers: how many items were ever put, how many there were before the latest, and how many takes those who put have seen. */
export const PUTS = 10, PUTS_BEFORE = 11, SEEN_TAKES = 12;

/** The ends of a ring. */
export const TAIL = 32, HEAD = 48;

/** Whether the queue is shut down, how many pieces there are, how large each is, and how many bytes were asked for. */
export const SHUT = 64, PIECES = 65, PIECE_SIZE = 66, BYTES = 67;
/** A number: how many items fit in. */
export const MAX_SIZE = 35;

/** How many items were lost with threads that died, and how many of these were reported. */
export const LOST = 80, REPORTED = 81;
/** A number: how many items are done, lost or discarded. */
export const FINISHED = 42;
/** How many notes the journal has, in a cell; and the first of them, in numbers. */
export const NOTES = 86, FIRST_NOTE = 56;

/** Of records: how many there are, the first free piece, how many are free, and how many were ever used. */
export const COUNT = 96, FREE = 97, FREE_COUNT = 98, USED = 99;
/** What the order keeps: the first record, or the root of the tree. */
export const FIRST = 100;

/** The cells of the lines: of those who get, who put and who join. */
export const GETTERS = 128, PUTTERS = 144, JOINERS = 160;
/** Whose seat it is, and how many items its thread has taken that are not done. */
export const SEATS = 176, SEAT_COUNT = 64, SEAT_CELLS = 2;
/** What is known of each piece; pieces are counted from 1. */
const PIECE_NOTES = 304;

/** Cells known of a piece of a ring, in which the first of an item has it all: its size. */
export const SLOT_CELLS = 4, SLOT_SIZE = 0;
/** A number of it: an item that is a number. */
export const SLOT_NUMBER = 1;

/** Cells known of a piece of a record, few as the way down a tree passes many. The first of a record has it all. */
export const RECORD_CELLS = 10;
/** The next one of its record or of the free ones; and whether a record begins here that is in the queue. */
export const NEXT = 0, STATE = 1;
/** Of a record: its size, and its neighbours. */
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

  /**
   * Makes fresh memory, or takes what other threads have already made.
   *
   * @param pieceCells how many cells are known of each piece.
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

  /** Where the bytes of a piece begin. */
  place(piece: number): number {
    return this.#data + piece * this.pieceSize;
  }
}

/** How many pieces so many bytes need. */
export function piecesFor(size: number, pieceSize: number): number {
  return size <= pieceSize ? 1 : Math.ceil(size / pieceSize);
}

/** The first cell of a piece of a ring. */
export function slotOf(piece: number): number {
  return PIECE_NOTES + piece * SLOT_CELLS;
}

/** The first cell of a piece of a record. */
export function notesOf(piece: number): number {
  return PIECE_NOTES + piece * RECORD_CELLS;
}

/** The first number of a piece of a record. */
export function numbersOf(piece: number): number {
  return (PIECE_NOTES + piece * RECORD_CELLS) / 2;
}
