/**
 * Where a `map` takes its items from.
 *
 * @module
 */

import { show } from "../core/check.ts";

/** As `for await` does, where the source is not typed: what is no object would be an item without end. */
export function checkStep(step: IteratorResult<unknown>): IteratorResult<unknown> {
  if (Object(step) === step) return step;
  throw new TypeError(`Cannot map as 'next()' of the items must return an object: current value is ${show(step)}`);
}

/** Whether a source answers later. */
export function isPromise(step: object): step is PromiseLike<IteratorResult<unknown>> {
  return typeof (step as { then?: unknown } | null)?.then === "function";
}

/** How many items there are, if the source tells. */
export function sizeOf(items: unknown): number | undefined {
  const { length, size } = items as { length?: unknown; size?: unknown };
  return typeof length === "number" ? length : typeof size === "number" ? size : undefined;
}

/** Begins to go through the items. */
export function iteratorOf(
  items: Iterable<unknown> | AsyncIterable<unknown>,
): Iterator<unknown> | AsyncIterator<unknown> {
  // As `for await` does: it reads the method once, and one that is null is as one that is missing.
  const begin = (Object(items) as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] ?? undefined;
  if (begin !== undefined) return begin.call(items as AsyncIterable<unknown>);
  if (Symbol.iterator in Object(items)) return (items as Iterable<unknown>)[Symbol.iterator]();
  throw new TypeError("Cannot map over something that is neither iterable nor async iterable");
}
