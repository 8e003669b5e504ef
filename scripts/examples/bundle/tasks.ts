// Tasks of the bundled program. The bundle leaves this module without an address or exports of its own: a worker finds each
// task by the address of the bundle and by its name.

import type { Queue } from "@heddle/heddle/queue";
import type { Lock } from "@heddle/heddle/sync";
import { type Task, task } from "@heddle/heddle/task";

const isPrime: Task<[n: number], boolean> = task(import.meta, function isPrime(n: number): boolean {
  if (n < 2) return false;
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return true;
});

/** Tells whether a number is prime. The task is found by its function's name, which differs from the export's name. */
export default isPrime;

/** Puts the primes of a range into a queue as one block: the lock excludes other ranges until the last prime is in. */
export const putPrimes: Task<[lock: Lock, queue: Queue<number>, from: number, to: number], Promise<void>> = task(
  import.meta,
  async function putPrimes(lock: Lock, queue: Queue<number>, from: number, to: number): Promise<void> {
    await lock.run(async () => {
      for (let n = from; n < to; n++) if (isPrime(n)) await queue.put(n);
    });
  },
);
