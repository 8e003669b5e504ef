// The work every pool is given, as plain functions: self-contained, so that peers which send source text can send these.

/** Adds two numbers: the tiniest useful task. */
export function add(a: number, b: number): number {
  return a + b;
}

/** Returns the bytes it was given: all cost is transport. */
export function echo(bytes: Uint8Array): Uint8Array {
  return bytes;
}

/** Trial division by odd numbers: pure computation, no allocation. */
export function isPrime(n: number): boolean {
  if (n < 2) return false;
  if (n % 2 === 0) return n === 2;
  for (let d = 3; d * d <= n; d += 2) {
    if (n % d === 0) return false;
  }
  return true;
}

/** Computes for a given number of turns; the result depends on every turn, so none can be left out. */
export function spin(turns: number): number {
  let x = 12345;
  for (let i = 0; i < turns; i++) x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
  return x;
}
