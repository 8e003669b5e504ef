/**
 * Copies bytes into and out of shared memory.
 *
 * @module
 */

/** Up to this many bytes, a loop is faster than a call into the host. */
const SHORT = 24;

/** Copies the bytes from `start` to `end` into shared memory. */
export function copyIn(shared: Uint8Array, at: number, bytes: Uint8Array, start: number, end: number): void {
  if (end - start > SHORT) shared.set(bytes.subarray(start, end), at);
  else for (let i = start, to = at; i < end; i++, to++) shared[to] = bytes[i]!;
}

/** Copies `size` bytes out of shared memory. */
export function copyOut(shared: Uint8Array, at: number, size: number, target: Uint8Array, to: number): void {
  if (size > SHORT) target.set(shared.subarray(at, at + size), to);
  else for (let i = 0; i < size; i++) target[to + i] = shared[at + i]!;
}
