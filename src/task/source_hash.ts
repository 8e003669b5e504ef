/**
 * Hashes the source text of a function.
 *
 * @module
 */

/**
 * Returns a 53-bit hash of a function's source text, in base 36.
 *
 * Two passes of FNV-1a (Fowler, Noll and Vo 1991), each with its own offset and prime.
 */
export function sourceHash(fn: (...args: never[]) => unknown): string {
  const text = Function.prototype.toString.call(fn);
  let [low, high] = [0x811c9dc5, 0x9e3779b9];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x85ebca6b);
  }
  return ((high >>> 11) * 2 ** 32 + (low >>> 0)).toString(36);
}
