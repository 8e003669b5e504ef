// Tests the types of functions that wait for several futures.

import { asCompleted, type Future, wait } from "../../mod.ts";
import type { Equal, Expect } from "./expect.ts";

declare const futures: Future<number>[];
declare const names: Map<Future<number>, string>;
declare const mixed: [Future<number>, Future<Date>];

interface TaggedFuture<T> extends Future<T> {
  readonly id: string;
}
declare const tagged: Set<TaggedFuture<number>>;

/** The loop variable is the future, not its value, so that it can be looked up and queried. */
export async function loops(): Promise<void> {
  for await (const future of asCompleted(futures)) {
    const [name, error, value] = [names.get(future), future.exceptionNow(), await future];
    type _ = [
      Expect<Equal<typeof future, Future<number>>>,
      Expect<Equal<typeof name, string | undefined>>,
      Expect<Equal<typeof error, unknown>>,
      Expect<Equal<typeof value, number>>,
    ];
    // @ts-expect-error: a future is not its value.
    future.toFixed();
  }
  // The compiler caches what it found of a type: the second loop is the test.
  for await (const future of asCompleted(futures, { timeout: 1 })) {
    type _ = [Expect<Equal<typeof future, Future<number>>>];
  }
  let latest: Future<number> | undefined;
  for await (latest of asCompleted(futures)) latest.resultNow();
  const either = futures.length > 1 ? asCompleted(futures) : asCompleted(new Set(futures));
  for await (const future of either) future.resultNow();
  for await (const { done } of asCompleted(futures)) {
    type _ = [Expect<Equal<typeof done, boolean>>];
  }
}

/** A list of several types, or of subtypes of futures, keeps its types. */
export async function ownTypes(): Promise<void> {
  for await (const future of asCompleted(mixed)) {
    type _ = [Expect<Equal<typeof future, Future<number> | Future<Date>>>];
  }
  for await (const { id } of asCompleted(tagged)) {
    type _ = [Expect<Equal<typeof id, string>>];
  }
}

export async function waits(): Promise<void> {
  const { done, notDone } = await wait(futures, { returnWhen: "first-completed" });
  const more = await wait(mixed);
  const ids = [...(await wait(tagged)).done].map(({ id }) => id);
  type _ = [
    Expect<Equal<typeof done, Set<Future<number>>>>,
    Expect<Equal<typeof notDone, Set<Future<number>>>>,
    Expect<Equal<typeof more.done, Set<Future<number> | Future<Date>>>>,
    Expect<Equal<typeof ids, string[]>>,
  ];
}

export const iterable: AsyncIterable<Future<number>> = asCompleted(futures);
// @ts-expect-error: a promise is no future.
asCompleted([Promise.resolve(1)]);
// @ts-expect-error: there is no such moment.
void wait(futures, { returnWhen: "first" });
