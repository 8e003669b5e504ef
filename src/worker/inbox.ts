/**
 * The messages of a worker, in their order.
 *
 * @module
 */

import { UnknownKind } from "../wire/handles.ts";
import { type IncomingMessage, MalformedMessage } from "../wire/message.ts";

/** A value of a message, or the error that says why it does not decode. */
export interface ReadValue {
  readonly value?: unknown;
  readonly error?: unknown;
}

/** Reads messages, and stops at an object of a kind that is not known yet until its module is loaded. */
export class Inbox {
  readonly #load: (module: string) => Promise<unknown>;
  readonly #read: (message: IncomingMessage) => void;
  readonly #unreadable: (error: unknown) => void;
  readonly #tried = new Set<string>();
  #behind: IncomingMessage[] | undefined;

  /**
   * @param load loads a module.
   * @param read reads the next record of a message.
   * @param unreadable is told why a message that had to wait cannot be read.
   */
  constructor(
    load: (module: string) => Promise<unknown>,
    read: (message: IncomingMessage) => void,
    unreadable: (error: unknown) => void,
  ) {
    this.#load = load;
    this.#read = read;
    this.#unreadable = unreadable;
  }

  /** Reads all of a message, or as much as can be read by now. */
  receive(message: IncomingMessage): void {
    if (this.#behind !== undefined) return void this.#behind.push(message);
    while (message.more) {
      const goBack = message.bookmark();
      try {
        this.#read(message);
      } catch (error) {
        if (!this.#isNew(error)) throw error;
        goBack();
        return this.#learn(error.module, message);
      }
    }
  }

  /**
   * Reads the next value, or says why it does not decode. Throws what is not about that value alone: the message has to be read
   * again when a module is loaded, or cannot be read any further.
   */
  valueOf(message: IncomingMessage): ReadValue {
    try {
      return { value: message.value() };
    } catch (error) {
      if (this.#isNew(error) || error instanceof MalformedMessage) throw error;
      return { error };
    }
  }

  /** Whether an error says that a kind is not known, and its module has not been tried. */
  #isNew(error: unknown): error is UnknownKind {
    return error instanceof UnknownKind && !this.#tried.has(error.module);
  }

  /** All messages wait behind the one that needs the module. If that does not load, reading it again says so. */
  #learn(module: string, message: IncomingMessage): void {
    const behind = this.#behind = [message];
    this.#tried.add(module);
    void this.#load(module).catch(() => {}).then(() => {
      this.#behind = undefined;
      for (const each of behind) this.receive(each);
    }).catch(this.#unreadable);
  }
}
