/**
 * How shared queues travel: to threads as memory, to processes as something that asks its owner.
 *
 * @module
 */

import { type Inspect, travels } from "../sync/memory.ts";
import { type Abandon, callOwing, SHAPE } from "./serving.ts";

/** What is nobody's business outside. */
interface Access<Q> {
  readonly inspect: Inspect<Q, number>;
  readonly abandon: Abandon<Q>;
}

let access: Access<never>;

/** Makes a class of queues travel. The first one to call is the class that the others extend, and gives access to them. */
export function travelsShared<Q extends object>(
  Class: (new (options: { maxSize: number; bytes: number }) => Q) & { readonly prototype: Q },
  name: string,
  module: string,
  given?: Access<Q>,
): void {
  if (given !== undefined) access = given;
  const { inspect, abandon } = access as unknown as Access<Q>;
  // Where the memory is not, and where it already is, none is needed.
  const make = (maxSize: number) => new Class({ maxSize, bytes: 1 });
  travels<Q, number>(Class, name, module, inspect, make, SHAPE, { call: callOwing(abandon) });
}
