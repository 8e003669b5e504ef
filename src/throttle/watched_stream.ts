/**
 * A stream that tells when it is over.
 *
 * @module
 */

/** What is told of a stream. */
export interface StreamWatcher {
  /** A reader begins to read, or cancels. */
  begin(): void;
  /** The stream was read to the end, cancelled, or has failed. */
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
  return new ReadableStream({
    // As the bodies of hosts are, so that readers may bring their own buffer.
    type: "bytes",
    async pull(controller) {
      try {
        for (;;) {
          const result = await begin()?.read();
          if (result?.done !== false) break;
          // An empty chunk is none to a stream of bytes.
          if (result.value.byteLength > 0) return controller.enqueue(result.value as Uint8Array<ArrayBuffer>);
        }
        controller.close();
        // A reader that has brought a buffer gets it back.
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
