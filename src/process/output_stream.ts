/**
 * The piped output of a process.
 *
 * @module
 */

import { Deque } from "../core/deque.ts";
import { NO_LIMITS } from "../core/wait_options.ts";
import { WaitQueue } from "../core/wait_queue.ts";
import { systemClock } from "../time/system_clock.ts";

const END: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined };

/**
 * The chunks that a process has written, buffered until they are read. Each chunk is read once: several loops share the
 * stream, and a loop that ends early leaves the remaining chunks to the next. The stream ends with the process.
 */
export class OutputStream implements AsyncIterable<Uint8Array> {
  readonly #chunks = new Deque<Uint8Array>();
  readonly #readers = new WaitQueue<undefined, IteratorResult<Uint8Array, undefined>>(systemClock, "Cannot read");
  #closed = false;

  /** Adds a chunk. */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#serve();
  }

  /** Ends the stream. */
  close(): void {
    this.#closed = true;
    this.#serve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      const { done, value } = await this.#next();
      if (done) return;
      yield value;
    }
  }

  #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const reading = this.#readers.join(undefined, NO_LIMITS);
    this.#serve();
    return reading;
  }

  #serve(): void {
    this.#readers.admit(() => {
      if (this.#chunks.size > 0) return { done: false, value: this.#chunks.shift()! };
      return this.#closed ? END : undefined;
    });
  }
}
