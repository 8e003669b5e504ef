/**
 * Keeps the messages of a process behind its output.
 *
 * They come through a pipe of their own. A result that was read before the output of its task waits until the program has
 * read that output too: it was in its pipe when the process sent the result.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import { type IncomingMessage, PRINTED } from "../wire/message.ts";

/** Passes on the messages of one process, each behind what the process printed before it. */
export class BehindOutput {
  readonly #pass: (message: IncomingMessage) => void;
  #waiting: IncomingMessage[] = [];
  #waits = false;

  /** @param pass takes the messages, in their order. */
  constructor(pass: (message: IncomingMessage) => void) {
    this.#pass = pass;
  }

  /** Takes the next message. */
  take(message: IncomingMessage): void {
    if (this.#waits) this.#waiting.push(message);
    else if (message.skip(PRINTED)) this.#wait();
    else this.#pass(message);
  }

  /** Passes on what waits. */
  passAll(): void {
    this.#waits = false;
    for (const message of this.#waiting.splice(0)) {
      if (!message.skip(PRINTED)) this.#pass(message);
    }
  }

  #wait(): void {
    this.#waits = true;
    runtime.afterOutput(() => {
      this.#waits = false;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const message of waiting) this.take(message);
    });
  }
}
