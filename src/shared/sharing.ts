/**
 * Sends objects over shared memory to other threads of the same process, and refuses to send them to other processes.
 *
 * @module
 */

import { Handover } from "../core/handover.ts";
import { registerKind } from "../wire/handles.ts";
import { findObject, identify, remember } from "../wire/one_object.ts";
import { Refusal } from "../wire/refusal.ts";

/** The data that another thread receives. */
interface Shared<D> {
  readonly id: string;
  readonly data: D;
}

const given = new Handover<unknown>();

/**
 * Registers a class whose objects travel between threads.
 *
 * @param share returns the data that another thread needs; shared memory in it stays shared.
 * @param make calls the constructor, which fetches that data with {@linkcode takeGiven}.
 */
export function travelsBetweenThreads<H extends object, D>(
  Class: { readonly prototype: H },
  name: string,
  module: string,
  share: (handle: H) => D,
  make: (data: D) => H,
): void {
  const refuse = (): never => {
    throw new Refusal(`a ${name} cannot leave its process, as processes share no memory: use a Manager`);
  };
  registerKind(Class.prototype, {
    name,
    module,
    share: (handle): Shared<D> => ({ id: identify(handle), data: share(handle) }),
    restore: ({ id, data }: Shared<D>) => {
      const before = findObject(id);
      if (before !== undefined) return before as H;
      const handle = given.give(data, () => make(data));
      remember(handle, id);
      return handle;
    },
    describe: refuse,
    remote: refuse,
    call: refuse,
  });
}

/** The data of the object under construction, received from another thread; undefined if the object is new. */
export function takeGiven<D>(): D | undefined {
  return given.take() as D | undefined;
}
