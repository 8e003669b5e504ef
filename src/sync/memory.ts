/**
 * Sends primitives between threads: the shared memory, with one object for it in each thread.
 *
 * @module
 */

import { Handover } from "../core/handover.ts";
import { type HandleKind, registerKind } from "../wire/handles.ts";
import { findObject, identify, remember } from "../wire/one_object.ts";
import { isRemote, type RemoteShape, servedKind } from "./remote.ts";

/** The data that another thread needs in order to use a primitive. */
interface Shared<D> {
  readonly id: string;
  readonly cells: Int32Array;
  readonly data: D;
}

/** The common interface of all primitives. */
interface Primitive {
  /** The shared memory. */
  readonly cells: Int32Array;
  share(): void;
}

/** Reads a primitive's private memory. */
export type Inspect<H, D> = (handle: H) => Primitive & { readonly data: D };

const given = new Handover<Int32Array>();

/**
 * Returns the memory of the primitive under construction: new zeroed cells, or the cells it already has in another
 * thread.
 */
export function ownCells(count: number): { cells: Int32Array; fresh: boolean } {
  const known = givenCells();
  return { cells: known ?? new Int32Array(new SharedArrayBuffer(count * 4)), fresh: known === undefined };
}

/** Returns the memory that a primitive that is being made has in another thread, if any. */
export function givenCells(): Int32Array | undefined {
  return given.take();
}

/**
 * Registers a class of primitives so that its objects can travel. `make` calls the constructor, `shape` says which
 * methods other processes can use, and `more` adds to or overrides the registered kind.
 */
export function travels<H extends object, D>(
  Class: { readonly prototype: H },
  name: string,
  module: string,
  inspect: Inspect<H, D>,
  make: (data: D) => H,
  shape: RemoteShape,
  more: Partial<Pick<HandleKind<H>, "call">> = {},
): void {
  registerKind(Class.prototype, {
    ...servedKind<H, D>({ Class, name, module, data: (handle) => inspect(handle).data, make, shape }),
    share: (handle): Shared<D> | undefined => {
      if (isRemote(handle)) return undefined;
      const { cells, data, share } = inspect(handle);
      share();
      return { id: identify(handle), cells, data };
    },
    restore: ({ id, cells, data }: Shared<D>) => {
      const before = findObject(id);
      if (before !== undefined) return before as H;
      const handle = given.give(cells, () => make(data));
      inspect(handle).share();
      remember(handle, id);
      return handle;
    },
    ...more,
  });
}
