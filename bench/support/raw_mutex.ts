// The floor for a lock between threads: nothing but a cell of shared memory (Ulrich Drepper 2011, Futexes Are Tricky, the
// second mutex). It does not know who holds it, cannot be left while waiting, and lets others starve.

/** Nobody has it, somebody has it, somebody has it and others may sleep. */
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
