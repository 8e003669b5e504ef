// Task of primes.ts, in a module of its own: every worker loads the module of its task.

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
