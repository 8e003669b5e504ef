/**
 * Objects that stay where they are and are used from another worker.
 *
 * @module
 */

import type { HandleKind } from "./handles.ts";
import { Refusal } from "./refusal.ts";

/** Where an object lives: in memory that both sides share, with the sender, or with the receiver. */
export const SHARED = 0, MINE = 1, YOURS = 2;
/** What a call is answered with; what was acquired stays where it is. */
export const VALUE = 0, ERROR = 1, PERMIT = 2;

/** The way to an object that is elsewhere. */
export interface RemoteLink {
  /** Calls a method and waits for its outcome; `scope` tells the contexts of this worker apart. */
  call(method: string, args: unknown[], options: { scope: number; signal?: AbortSignal | undefined }): Promise<unknown>;
  /** Calls a method without waiting. */
  post(method: string, args: unknown[], scope: number): void;
}

/** Where an object lives, as seen by the sender, and its number there. */
export interface Reference {
  readonly yours: boolean;
  readonly id: number;
  /** Which of all references that were made there this is: the latest one tells whether another is on its way. */
  readonly ticket: number;
}

/** An object that another worker will use. */
export interface Lent extends Reference {
  readonly handle: object;
  readonly kind: HandleKind;
}

/** Refers to objects that stay where they are. */
export interface Referrer {
  /** Throws a `Refusal` if the object cannot be reached from the other side. */
  refer(handle: object, kind: HandleKind): Reference;
}

/** Finds or makes the objects that the other side refers to. */
export interface Resolver {
  resolve(kind: HandleKind<never>, reference: Reference, data: unknown): object;
}

/** Numbers the objects of this thread that others use. Who uses one keeps it alive, not its number. */
export class Exports implements Referrer {
  readonly #ids = new WeakMap<object, number>();
  #latest = 0;
  #tickets = 0;

  refer(handle: object): Reference {
    let id = this.#ids.get(handle);
    if (id === undefined) this.#ids.set(handle, id = ++this.#latest);
    return { yours: false, id, ticket: this.#tickets = (this.#tickets + 1) >>> 0 };
  }
}

/** Nobody can be asked for objects there. */
export const NO_REFERENCES: Referrer & Resolver = {
  refer: (_handle, { name }) => {
    throw new Refusal(`a ${name} cannot leave its thread this way`);
  },
  resolve: ({ name }) => {
    throw new RangeError(`Cannot receive a ${name} here`);
  },
};
