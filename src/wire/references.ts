/**
 * References to objects that stay in place and are used from other workers.
 *
 * @module
 */

import type { HandleKind } from "./handles.ts";
import { Refusal } from "./refusal.ts";

/** The location of an object: in shared memory, with the sender, or with the receiver. */
export const SHARED = 0, MINE = 1, YOURS = 2;
/** The kinds of answers to a call. With a permit, the acquired resource stays in place. */
export const VALUE = 0, ERROR = 1, PERMIT = 2;

/** The location of an object, as seen by the sender, and its id there. */
export interface Reference {
  readonly yours: boolean;
  readonly id: number;
  /**
   * The number of this reference among all that were made there. The latest number shows whether another reference is
   * on its way.
   */
  readonly ticket: number;
}

/** An object that another worker will use. */
export interface Lent extends Reference {
  readonly handle: object;
  readonly kind: HandleKind;
}

/** Makes references to objects that stay in place. */
export interface Referrer {
  /**
   * Makes a reference.
   *
   * @throws a `Refusal` if the other side cannot reach the object.
   */
  refer(handle: object, kind: HandleKind): Reference;
}

/** Finds or makes the objects of references that arrived. */
export interface Resolver {
  resolve(kind: HandleKind<never>, reference: Reference, data: unknown): object;
}

/**
 * Numbers the objects of this thread that other workers use. The number does not keep an object alive; its users do.
 */
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

/** For channels on which objects cannot be reached. */
export const NO_REFERENCES: Referrer & Resolver = {
  refer: (_handle, { name }) => {
    throw new Refusal(`a ${name} cannot leave its thread this way`);
  },
  resolve: ({ name }) => {
    throw new RangeError(`Cannot receive a ${name} here`);
  },
};
