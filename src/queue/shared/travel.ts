/**
 * Sends shared queues to other workers: to threads as memory, to processes as a proxy for the owner's queue.
 *
 * @module
 */

import { type Inspect, travels } from "../../sync/memory.ts";
import { type Abandon, callOwing, SHAPE } from "../serving.ts";

/** Access to a queue's private parts. */
interface Access<Q> {
  readonly inspect: Inspect<Q, number>;
  readonly abandon: Abandon<Q>;
}

let access: Access<never>;

/** Registers a class of queues. The first call registers the base class and provides access to its private parts. */
export function travelsShared<Q extends object>(
  Class: (new (options: { maxSize: number; bytes: number }) => Q) & { readonly prototype: Q },
  name: string,
  module: string,
  given?: Access<Q>,
): void {
  if (given !== undefined) access = given;
  const { inspect, abandon } = access as unknown as Access<Q>;
  // A minimal size: the memory is elsewhere, or exists already.
  const make = (maxSize: number) => new Class({ maxSize, bytes: 1 });
  travels<Q, number>(Class, name, module, inspect, make, SHAPE, { call: callOwing(abandon) });
}
