// Finds work of a given duration on this machine and runtime, so that "20 ms" means the same everywhere.
import { isPrime, spin } from "./work.ts";
import { median } from "./stats.ts";

/** Returns a prime whose check takes about this many milliseconds. */
export function primeWorth(milliseconds: number): number {
  let around = 1_000_000_007;
  for (;;) {
    const prime = nextPrime(around);
    const took = median(Array.from({ length: 5 }, () => clock(() => isPrime(prime))));
    if (took >= milliseconds * 0.8) return prime;
    // The time grows with the square root of the number.
    const factor = Math.min(100, (milliseconds / Math.max(took, 0.05)) ** 2);
    around = Math.floor(around * Math.max(1.2, factor));
  }
}

/** Returns the number of turns of `spin` per microsecond. */
export function turnsPerMicrosecond(): number {
  const turns = 2_000_000;
  spin(turns);
  return turns / (median(Array.from({ length: 9 }, () => clock(() => spin(turns)))) * 1000);
}

function nextPrime(from: number): number {
  let n = from - (from % 2) + 1;
  while (!isPrime(n)) n += 2;
  return n;
}

function clock(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}
