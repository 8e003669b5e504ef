/**
 * Objects that stay where they are and are used from another process.
 *
 * @module
 */

import type { HandleKind } from "./handles.ts";
import { Refusal } from "./refusal.ts";

/** Where an object lives: in memory that both sides share, with the sender, or with the receiver. */
export const SHARED = 0, MINE = 1, YOURS = 2;
/** What a call is answered with; what was acquired stays where it is. */
export const VALUE = 0, ERROR = 1, PERMIT = 2;

/** The way to an object in another process. */
export interface RemoteLink {
  /** Calls a method and waits for its outcome; `scope` tells the contexts of this process apart. */
  call(method: string, args: unknown[], options: { scope: number; signal?: AbortSignal | undefined }): Promise<unknown>;
  /** Calls a method without waiting. */
  post(method: string, args: unknown[], scope: number): void;
}

/** Where an object lives, as seen by the sender: its number, with the sender or with the receiver. */
export interface Reference {
  readonly yours: boolean;
  readonly id: number;
}

/** What an end of a channel between processes knows of such objects. */
export interface References {
  /** Refers to an object. Throws a `Refusal` if it cannot be reached from the other side. */
  refer(handle: object, kind: HandleKind): Reference;
  /** Finds or makes the object that the other side refers to. */
  resolve(kind: HandleKind<never>, reference: Reference, data: unknown): object;
}

/** The objects of this process that others use. */
export class Exports implements References {
  readonly #ids = new Map<object, number>();
  readonly #objects: object[] = [];

  refer(handle: object): Reference {
    let id = this.#ids.get(handle);
    if (id === undefined) {
      id = this.#objects.push(handle) - 1;
      this.#ids.set(handle, id);
    }
    return { yours: false, id };
  }

  resolve(_kind: HandleKind<never>, { yours, id }: Reference): object {
    if (!yours) throw new RangeError("Cannot receive an object that lives in a worker process");
    return this.find(id);
  }

  /** The object with a number. */
  find(id: number): object {
    const found = this.#objects[id];
    if (found === undefined) throw new RangeError(`Cannot find the object ${id} that a worker process refers to`);
    return found;
  }
}

/** Nobody stands in for objects there. */
export const NO_REFERENCES: References = {
  refer: (_handle, { name }) => {
    throw new Refusal(`a ${name} cannot leave its process`);
  },
  resolve: ({ name }) => {
    throw new RangeError(`Cannot receive a ${name} here`);
  },
};
