/**
 * What a process prints, for whoever asked for it.
 *
 * @module
 */

import { Deque } from "../core/deque.ts";
import { NO_LIMITS } from "../core/wait_options.ts";
import { WaitQueue } from "../core/wait_queue.ts";
import { systemClock } from "../time/system_clock.ts";

const END: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined };

/**
 * The chunks that a process printed, kept until they are read. Each is read once: loops over the same stream share it,
 * and one that is left early leaves the rest to the next. The stream ends with the process.
 */
export class OutputStream implements AsyncIterable<Uint8Array> {
  readonly #chunks = new Deque<Uint8Array>();
  readonly #readers = new WaitQueue<undefined, IteratorResult<Uint8Array, undefined>>(systemClock, "Cannot read");
  #closed = false;

  /** Takes what was printed. */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#serve();
  }

  /** Nothing more will be printed. */
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
