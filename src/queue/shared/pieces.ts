/**
 * Divides the memory of a shared queue into pieces that hold records.
 *
 * @module
 */

import { copyIn, copyOut } from "./bytes.ts";
import { FREE, FREE_COUNT, NEXT, notesOf, piecesFor, type Region, SIZE, USED } from "./region.ts";

/** Allocates and frees pieces. A record is a chain of pieces, so no data is ever moved to make room. */
export class Pieces {
  readonly #region: Region;
  readonly #cells: Int32Array;
  readonly #size: number;

  constructor(region: Region) {
    this.#region = region;
    this.#cells = region.cells;
    this.#size = region.pieceSize;
  }

  /** The number of pieces that `size` bytes need. */
  countFor(size: number): number {
    return piecesFor(size, this.#size);
  }

  /** Writes bytes into free pieces and returns the record. The caller has checked that enough pieces are free. */
  write(bytes: Uint8Array, start: number, end: number): number {
    const count = this.countFor(end - start);
    const record = this.#take(count);
    this.#cells[notesOf(record) + SIZE] = end - start;
    const shared = this.#region.bytes;
    if (count === 1) copyIn(shared, this.#region.place(record), bytes, start, end);
    else {
      for (let piece = record, from = start; from < end;) {
        const { next, last } = this.#run(piece);
        const to = Math.min(end, from + (last - piece + 1) * this.#size);
        copyIn(shared, this.#region.place(piece), bytes, from, to);
        [piece, from] = [next, to];
      }
    }
    return record;
  }

  /** Reads a record into memory that is large enough. */
  read(record: number, target: Uint8Array): void {
    const size = this.#cells[notesOf(record) + SIZE]!;
    const shared = this.#region.bytes;
    for (let piece = record, done = 0; done < size;) {
      const { next, last } = this.#run(piece);
      const part = Math.min(size - done, (last - piece + 1) * this.#size);
      copyOut(shared, this.#region.place(piece), part, target, done);
      [piece, done] = [next, done + part];
    }
  }

  /** Frees the pieces of a record. */
  free(record: number): void {
    const cells = this.#cells;
    let last = record;
    let count = 1;
    for (let next = cells[notesOf(last) + NEXT]!; next !== 0; next = cells[notesOf(last) + NEXT]!) {
      last = next;
      count++;
    }
    cells[notesOf(last) + NEXT] = cells[FREE]!;
    cells[FREE] = record;
    cells[FREE_COUNT]! += count;
  }

  /** Frees all pieces except those of the given records. */
  keepOnly(records: readonly number[], pieces: number): void {
    const cells = this.#cells;
    const kept = new Uint8Array(cells[USED]! + 1);
    let count = 0;
    for (const record of records) {
      for (let piece = record; piece !== 0; piece = cells[notesOf(piece) + NEXT]!) {
        kept[piece] = 1;
        count++;
      }
    }
    cells[FREE] = 0;
    for (let piece = cells[USED]!; piece > 0; piece--) {
      if (kept[piece] === 1) continue;
      cells[notesOf(piece) + NEXT] = cells[FREE]!;
      cells[FREE] = piece;
    }
    cells[FREE_COUNT] = pieces - count;
  }

  /** Takes free pieces as a chain. Recycled pieces come first, so that unused memory stays untouched. */
  #take(count: number): number {
    const cells = this.#cells;
    let first = 0;
    let last = 0;
    for (let left = count; left > 0; left--) {
      let piece = cells[FREE]!;
      if (piece !== 0) cells[FREE] = cells[notesOf(piece) + NEXT]!;
      else piece = cells[USED] = cells[USED]! + 1;
      if (last === 0) first = piece;
      else cells[notesOf(last) + NEXT] = piece;
      last = piece;
    }
    cells[notesOf(last) + NEXT] = 0;
    cells[FREE_COUNT]! -= count;
    return first;
  }

  /** The last piece of a contiguous run in a chain, and the piece that follows the run. */
  #run(piece: number): { last: number; next: number } {
    const cells = this.#cells;
    let last = piece;
    let next = cells[notesOf(last) + NEXT]!;
    for (; next === last + 1; next = cells[notesOf(last) + NEXT]!) last = next;
    return { last, next };
  }
}
