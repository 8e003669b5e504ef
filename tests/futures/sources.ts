// Defines sources for maps, and functions that consume results.

/** A source that records how many items were read and whether it was closed. */
export class Source {
  taken = 0;
  left = 0;
  readonly limit: number;

  constructor(limit: number = Infinity) {
    this.limit = limit;
  }

  [Symbol.iterator](): Iterator<number, undefined> {
    return {
      next: () => this.taken < this.limit ? { done: false, value: ++this.taken } : { done: true, value: undefined },
      return: () => {
        this.left++;
        return { done: true, value: undefined };
      },
    };
  }
}

/** Reads a stream to its end. */
export async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of results) all.push(value);
  return all;
}

/** Makes a source asynchronous. */
export async function* slowly<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) {
    await null;
    yield item;
  }
}

/** Throws its argument, for use in expressions. */
export function thrown(error: unknown): never {
  throw error;
}
