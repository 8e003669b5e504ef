// The generators of bench/streams.ts.
import { type Task, task } from "../../mod.ts";

export const numbers: Task<[number], Generator<number>> = task(
  import.meta,
  function* numbers(count: number): Generator<number> {
    for (let n = 0; n < count; n++) yield n;
  },
);

export const numbersLater: Task<[number], AsyncGenerator<number>> = task(
  import.meta,
  async function* numbersLater(count: number): AsyncGenerator<number> {
    for (let n = 0; n < count; n++) yield n;
  },
);
