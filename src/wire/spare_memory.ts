/**
 * Keeps unused shared memory for the next values.
 *
 * @module
 */

/** The limits of the memory that is kept: in bytes, and in blocks. */
const MOST_BYTES = 8 * 2 ** 20, MOST = 16;

const spare: SharedArrayBuffer[] = [];
let held = 0;

/**
 * Returns shared memory of a size, with arbitrary content. Allocating memory costs more than filling it: the system
 * clears each page and maps it at the first access.
 */
export function takeMemory(size: number): SharedArrayBuffer {
  const place = spare.findIndex((memory) => memory.byteLength === size);
  if (place === -1) return new SharedArrayBuffer(size);
  held -= size;
  return spare.splice(place, 1)[0]!;
}

/** Keeps memory that no other code uses any more. The oldest blocks are dropped. */
export function keepMemory(memory: SharedArrayBuffer): void {
  // A garbled message may name a block twice. Two values would then share it, and the sender would still own one of
  // them.
  if (memory.byteLength > MOST_BYTES || spare.includes(memory)) return;
  spare.push(memory);
  held += memory.byteLength;
  while (held > MOST_BYTES || spare.length > MOST) held -= spare.shift()!.byteLength;
}
