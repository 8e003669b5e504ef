// The task of primes.ts. It has a module of its own, as every worker loads the module its task is in.

import { type Task, task } from "@heddle/heddle/task";

/** Tells whether a number is prime by trying every odd divisor, as Python's example does. */
export const isPrime: Task<[n: number], boolean> = task(import.meta, function isPrime(n: number): boolean {
  if (n < 2) return false;
  if (n % 2 === 0) return n === 2;
  const last = Math.floor(Math.sqrt(n));
  for (let divisor = 3; divisor <= last; divisor += 2) {
    if (n % divisor === 0) return false;
  }
  return true;
});
