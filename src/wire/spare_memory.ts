/**
 * Shared memory that has done its work and can carry the next value.
 *
 * @module
 */

/** What is kept in all, in bytes; and in how many pieces. */
const MOST_BYTES = 8 * 2 ** 20, MOST = 16;

const spare: SharedArrayBuffer[] = [];
let held = 0;

/**
 * Returns shared memory of a size, with anything in it. Fresh memory costs more than to fill it: the system hands it out
 * page by page, each of them cleared and faulted in.
 */
export function takeMemory(size: number): SharedArrayBuffer {
  const place = spare.findIndex((memory) => memory.byteLength === size);
  if (place === -1) return new SharedArrayBuffer(size);
  held -= size;
  return spare.splice(place, 1)[0]!;
}

/** Keeps memory that nobody else looks at any more. What was kept longest makes room. */
export function keepMemory(memory: SharedArrayBuffer): void {
  // A message that was garbled may name a piece twice: two values would share it, of which only one may be the sender's.
  if (memory.byteLength > MOST_BYTES || spare.includes(memory)) return;
  spare.push(memory);
  held += memory.byteLength;
  while (held > MOST_BYTES || spare.length > MOST) held -= spare.shift()!.byteLength;
}
