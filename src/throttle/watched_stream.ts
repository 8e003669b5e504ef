/**
 * A stream that tells when it is over.
 *
 * @module
 */

/** What is told. */
export interface StreamWatcher {
  /** Somebody begins to read, or cancels. */
  begin(): void;
  /** It was read to the end, cancelled, or has failed. */
  end(): void;
}

/**
 * Passes a stream of bytes on, chunk by chunk as they are asked for.
 *
 * A TransformStream is tempting. But it reads ahead, and does not tell when its readable side is cancelled.
 *
 * @param open returns the stream; called when the first chunk is asked for.
 */
export function watchStream(
  open: () => ReadableStream<Uint8Array> | null,
  watcher: StreamWatcher,
): ReadableStream<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  function begin(): ReadableStreamDefaultReader<Uint8Array> | undefined {
    watcher.begin();
    return reader ??= open()?.getReader();
  }
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const result = await begin()?.read();
        if (result?.done === false) return controller.enqueue(result.value);
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      watcher.end();
    },
    async cancel(reason) {
      try {
        await begin()?.cancel(reason);
      } finally {
        watcher.end();
      }
    },
  }, { highWaterMark: 0 });
}
