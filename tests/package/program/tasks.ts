import { current, type Task, task } from "@heddle/heddle";

/** Tells whether a number is prime. */
export const isPrime: Task<[n: number], boolean> = task(import.meta, function isPrime(n: number): boolean {
  if (n < 2 || (n > 2 && n % 2 === 0)) return false;
  for (let divisor = 3; divisor * divisor <= n; divisor += 2) {
    if (n % divisor === 0) return false;
  }
  return true;
});

/** Doubles every byte; the buffer is returned as a copy or moved. */
export const double: Task<[bytes: Uint8Array], Uint8Array> = task(
  import.meta,
  function double(bytes: Uint8Array): Uint8Array {
    return bytes.map((byte) => byte * 2);
  },
);

/** Fails. */
export const fail: Task<[message: string], never> = task(import.meta, function fail(message: string): never {
  throw new RangeError(message, { cause: { attempt: current()?.attempt } });
});
