// The work for every pool, as plain functions: self-contained, so that peers can send them as source text.

/** Adds two numbers: the smallest useful task. */
export function add(a: number, b: number): number {
  return a + b;
}

/** Returns its argument: measures only transport. */
export function echo(bytes: Uint8Array): Uint8Array {
  return bytes;
}

/** Tests a number by trial division: pure computation, no allocation. */
export function isPrime(n: number): boolean {
  if (n < 2) return false;
  if (n % 2 === 0) return n === 2;
  for (let d = 3; d * d <= n; d += 2) {
    if (n % d === 0) return false;
  }
  return true;
}

/** Computes for a given number of turns; the result depends on every turn, so the compiler cannot remove any. */
export function spin(turns: number): number {
  let x = 12345;
  for (let i = 0; i < turns; i++) x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
  return x;
}
