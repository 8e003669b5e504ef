// The lower bound for a lock between threads: one cell of shared memory (Ulrich Drepper 2011, Futexes Are Tricky, the second
// mutex). It does not record its holder, its waiters cannot abort, and it allows starvation.

/** Free; taken; taken with threads that may be sleeping. */
const FREE = 0, TAKEN = 1, CONTENDED = 2;

export function lockRaw(cells: Int32Array, at: number): void {
  if (Atomics.compareExchange(cells, at, FREE, TAKEN) === FREE) return;
  while (Atomics.exchange(cells, at, CONTENDED) !== FREE) Atomics.wait(cells, at, CONTENDED);
}

export async function lockRawAsync(cells: Int32Array, at: number): Promise<void> {
  if (Atomics.compareExchange(cells, at, FREE, TAKEN) === FREE) return;
  while (Atomics.exchange(cells, at, CONTENDED) !== FREE) {
    await Atomics.waitAsync(cells, at, CONTENDED).value;
  }
}

export function unlockRaw(cells: Int32Array, at: number): void {
  if (Atomics.exchange(cells, at, FREE) === CONTENDED) Atomics.notify(cells, at, 1);
}
