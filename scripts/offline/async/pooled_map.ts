/**
 * Maps the values of an iterable with at most `poolLimit` calls in progress, and yields the results in the order of the
 * values. It starts at the call. After a failure no further call starts; the calls in progress end, their results are
 * yielded, and the failures are thrown together in an `AggregateError`.
 *
 * @param poolLimit the maximum number of calls in progress.
 * @param array the values.
 * @param iteratorFn maps a value.
 * @returns the results.
 */
export function pooledMap<T, R>(
  poolLimit: number,
  array: Iterable<T> | AsyncIterable<T>,
  iteratorFn: (data: T) => Promise<R>,
): AsyncIterableIterator<R> {
  const { readable, writable } = new TransformStream<Promise<R>, R>({
    transform: async (call, controller) => {
      try {
        controller.enqueue(await call);
      } catch (error) {
        // The failure of a call is thrown at the end, together with the others.
        if (error instanceof MapError) controller.error(new AggregateError(error.failures, error.message));
      }
    },
  });
  void feed(poolLimit, array, iteratorFn, writable.getWriter());
  return readable[Symbol.asyncIterator]();
}

async function feed<T, R>(
  limit: number,
  values: Iterable<T> | AsyncIterable<T>,
  map: (data: T) => Promise<R>,
  writer: WritableStreamDefaultWriter<Promise<R>>,
): Promise<void> {
  const running = new Set<Promise<unknown>>();
  const failures: unknown[] = [];
  try {
    for await (const value of values) {
      if (failures.length > 0) break;
      const call = Promise.resolve().then(() => map(value));
      // The consumer may have left and cancelled the stream.
      writer.write(call).catch(() => {});
      const ended: Promise<unknown> = call.catch((error) => failures.push(error)).then(() => running.delete(ended));
      running.add(ended);
      if (running.size >= limit) await Promise.race(running);
    }
  } catch (error) {
    failures.push(error);
  }
  await Promise.all(running);
  if (failures.length > 0) writer.write(Promise.reject(new MapError(failures))).catch(() => {});
  await writer.close().catch(() => {});
}

/** All failures, thrown after the results of the calls that succeeded. */
class MapError extends Error {
  readonly failures: unknown[];

  constructor(failures: unknown[]) {
    super("Cannot complete the mapping as an error was thrown from an item");
    this.failures = failures;
  }
}
