/**
 * Reads the messages of a worker in order.
 *
 * @module
 */

import { UnknownKind } from "../wire/handles.ts";
import { type IncomingMessage, MalformedMessage } from "../wire/message.ts";

/** A value of a message, or the error of its decoding. */
export interface ReadValue {
  readonly value?: unknown;
  readonly error?: unknown;
}

/** Reads messages. At an object of an unknown kind it stops until the module of that kind is loaded. */
export class CallInbox {
  readonly #load: (module: string) => Promise<unknown>;
  readonly #read: (message: IncomingMessage) => void;
  readonly #unreadable: (error: unknown) => void;
  readonly #tried = new Set<string>();
  #behind: IncomingMessage[] | undefined;

  /**
   * @param load loads a module.
   * @param read reads the next record of a message.
   * @param unreadable called with the error if a delayed message cannot be read.
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

  /** Reads a message, or the part of it that can be read now. */
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
   * Reads the next value, or returns the error of its decoding.
   *
   * @throws an error that is not about this value alone: the message must be read again after a module was loaded, or
   * cannot be read any further.
   */
  valueOf(message: IncomingMessage): ReadValue {
    try {
      return { value: message.value() };
    } catch (error) {
      if (this.#isNew(error) || error instanceof MalformedMessage) throw error;
      return { error };
    }
  }

  /** Whether an error reports an unknown kind whose module has not been tried. */
  #isNew(error: unknown): error is UnknownKind {
    return error instanceof UnknownKind && !this.#tried.has(error.module);
  }

  /**
   * Loads the module of a kind; all messages wait meanwhile. If the module does not load, reading the message again
   * reports it.
   */
  #learn(module: string, message: IncomingMessage): void {
    const behind = this.#behind = [message];
    this.#tried.add(module);
    void this.#load(module).catch(() => {}).then(() => {
      this.#behind = undefined;
      for (const each of behind) this.receive(each);
    }).catch(this.#unreadable);
  }
}
