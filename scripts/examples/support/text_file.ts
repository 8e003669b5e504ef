// Reads text files piece by piece, so that a file may be larger than memory.

import { closeSync, openSync, readSync } from "node:fs";

/** The number of bytes searched for NUL: with one of them, a file is binary, as for git and grep. */
export const HEAD: number = 8 * 1024;
/**
 * The number of bytes read at once. A string of a larger piece counts as a large object for the garbage collector, which gets
 * its memory from the system and returns it each time: with 256 KiB, Node takes a third longer.
 */
const PIECE = 32 * 1024;

const buffer = new Uint8Array(PIECE);
const decoder = new TextDecoder();

/**
 * Yields the pieces of a text file, none of which ends inside a word. A thread reads one file at a time; a piece is valid until
 * the next one is requested.
 *
 * Reads synchronously: workers have nothing else to do in the meantime, and asynchronous reads cost several times as much.
 *
 * @returns the size of the file in bytes, or undefined if it is binary.
 * @throws {Error} the system's error if the file cannot be read.
 */
export function* readPieces(path: string): Generator<Uint8Array, number | undefined, void> {
  const file = openSync(path, "r");
  try {
    let size = 0;
    let kept = 0;
    for (;;) {
      const read = readSync(file, buffer, kept, PIECE - kept, null);
      if (size === 0 && buffer.subarray(0, Math.min(read, HEAD)).includes(0)) return undefined;
      size += read;
      const end = kept + read;
      const cut = read === 0 ? end : lastBoundary(end);
      if (cut > 0) yield buffer.subarray(0, cut);
      if (read === 0) return size;
      buffer.copyWithin(0, cut, end);
      kept = end - cut;
    }
  } finally {
    closeSync(file);
  }
}

/** Like {@linkcode readPieces}, but yields strings. */
export function* readText(path: string): Generator<string, number | undefined, void> {
  const pieces = readPieces(path);
  try {
    let piece = pieces.next();
    for (; !piece.done; piece = pieces.next()) yield decoder.decode(piece.value);
    return piece.value;
  } finally {
    pieces.return(undefined);
  }
}

/** Finds where to cut the text: after the last byte that belongs neither to a word nor to a multi-byte character. */
function lastBoundary(end: number): number {
  let cut = end;
  while (cut > 0 && isPartOfWord(buffer[cut - 1]!)) cut--;
  // A full buffer without a boundary must be cut somewhere.
  return cut === 0 && end === PIECE ? end : cut;
}

function isPartOfWord(byte: number): boolean {
  const lower = byte | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f || byte >= 0x80;
}
