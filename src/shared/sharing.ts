/**
 * Objects over shared memory as they travel: the same one in every thread of a process, and none in another process.
 *
 * @module
 */

import { registerKind } from "../wire/handles.ts";
import { findObject, identify, remember } from "../wire/one_object.ts";
import { Refusal } from "../wire/refusal.ts";

/** What arrives in another thread. */
interface Shared<D> {
  readonly id: string;
  readonly data: D;
}

let given: unknown;

/**
 * Makes the objects of a class travel between threads.
 *
 * @param share tells another thread what it has to know; shared memory in it stays shared.
 * @param make calls the constructor, which takes that with {@linkcode takeGiven}.
 */
export function travelsBetweenThreads<H extends object, D>(
  Class: { readonly prototype: H },
  name: string,
  module: string,
  share: (handle: H) => D,
  make: (data: D) => H,
): void {
  const refuse = (): never => {
    throw new Refusal(`processes share no memory here, so a ${name} cannot leave its process: use a Manager`);
  };
  registerKind(Class.prototype, {
    name,
    module,
    share: (handle): Shared<D> => ({ id: identify(handle), data: share(handle) }),
    restore: ({ id, data }: Shared<D>) => {
      const before = findObject(id);
      if (before !== undefined) return before as H;
      given = data;
      try {
        const handle = make(data);
        remember(handle, id);
        return handle;
      } finally {
        given = undefined;
      }
    },
    describe: refuse,
    remote: refuse,
    call: refuse,
  });
}

/** What an object that is being made has in another thread; undefined if it is new. */
export function takeGiven<D>(): D | undefined {
  const data = given as D | undefined;
  given = undefined;
  return data;
}
