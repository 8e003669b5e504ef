// Reads text files piece by piece, so that a file may be larger than memory.

import { closeSync, openSync, readSync } from "node:fs";

/** A file is binary if a NUL byte is among its first bytes; git and grep decide the same way. */
export const HEAD: number = 8 * 1024;
/**
 * How much is read at once. A string of a larger piece is a large object to the garbage collector, and its memory comes from
 * the system and goes back each time: with 256 KiB Node takes a third longer.
 */
const PIECE = 32 * 1024;

const buffer = new Uint8Array(PIECE);
const decoder = new TextDecoder();

/**
 * Yields the pieces of a text file, none of which ends inside a word. A thread reads one file at a time, and a piece is
 * valid until the next one is asked for.
 *
 * Reading is synchronous: it happens on workers, which have nothing else to do meanwhile, and costs a fraction of what
 * promises cost.
 *
 * @returns the size of the file in bytes, or undefined if it is binary.
 * @throws what the system says if the file cannot be read.
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

/** Yields the pieces of a text file as strings; the rest is as for {@linkcode readPieces}. */
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

/** Finds where the text can be cut: behind the last byte that is no part of a word or of a character of many bytes. */
function lastBoundary(end: number): number {
  let cut = end;
  while (cut > 0 && isPartOfWord(buffer[cut - 1]!)) cut--;
  // A full buffer without any boundary has to be cut somewhere.
  return cut === 0 && end === PIECE ? end : cut;
}

function isPartOfWord(byte: number): boolean {
  const lower = byte | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f || byte >= 0x80;
}
