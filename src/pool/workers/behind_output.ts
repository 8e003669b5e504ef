/**
 * Keeps the messages of a process behind its output.
 *
 * Messages and output come through different pipes. A result that arrives before the output of its task waits until the
 * program has read that output: the output was in its pipe when the process sent the result.
 *
 * @module
 */

import { runtime } from "../../runtime/mod.ts";
import { type IncomingMessage, PRINTED } from "../../wire/message.ts";

/** Delivers the messages of one process, each after the output that the process printed before it. */
export class BehindOutput {
  readonly #pass: (message: IncomingMessage) => void;
  #waiting: IncomingMessage[] = [];
  #waits = false;

  /** @param pass receives the messages, in order. */
  constructor(pass: (message: IncomingMessage) => void) {
    this.#pass = pass;
  }

  /** Accepts the next message. */
  take(message: IncomingMessage): void {
    if (this.#waits) this.#waiting.push(message);
    else if (message.skip(PRINTED)) this.#wait();
    else this.#pass(message);
  }

  /** Delivers all waiting messages. */
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
