/**
 * A stream that reports its beginning and its end.
 *
 * @module
 */

/** Callbacks for the progress of a stream. */
export interface StreamWatcher {
  /** A reader has begun to read, or cancels. */
  begin(): void;
  /** The stream was read to the end, was cancelled, or has failed. */
  end(): void;
}

/**
 * Returns a stream that passes the chunks of a byte stream on, each when it is requested.
 *
 * A `TransformStream` is tempting. But it reads ahead, and does not report when its readable side is cancelled.
 *
 * @param open returns the stream; called when the first chunk is requested.
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
  return new ReadableStream({
    // Like the bodies of `fetch`, so that readers can provide their own buffer.
    type: "bytes",
    async pull(controller) {
      try {
        for (;;) {
          const result = await begin()?.read();
          if (result?.done !== false) break;
          // A byte stream throws for an empty chunk.
          if (result.value.byteLength > 0) return controller.enqueue(result.value as Uint8Array<ArrayBuffer>);
        }
        controller.close();
        // Returns the buffer of a reader that has provided one.
        controller.byobRequest?.respond(0);
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
  });
}
