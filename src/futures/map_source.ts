/**
 * Reads the source of a `map`.
 *
 * @module
 */

import { show } from "../core/check.ts";

/**
 * Checks a step of an untyped iterator, as `for await` does: a step that is not an object would yield items for ever.
 */
export function checkStep(step: IteratorResult<unknown>): IteratorResult<unknown> {
  if (Object(step) === step) return step;
  throw new TypeError(`Cannot map as 'next()' of the items must return an object: current value is ${show(step)}`);
}

/** Whether a step is a promise, which means that the source is asynchronous. */
export function isPromise(step: object): step is PromiseLike<IteratorResult<unknown>> {
  return typeof (step as { then?: unknown } | null)?.then === "function";
}

/** The number of items, if the source has a length or a size. */
export function sizeOf(items: unknown): number | undefined {
  const { length, size } = items as { length?: unknown; size?: unknown };
  return typeof length === "number" ? length : typeof size === "number" ? size : undefined;
}

/** Starts iterating the items. */
export function iteratorOf(
  items: Iterable<unknown> | AsyncIterable<unknown>,
): Iterator<unknown> | AsyncIterator<unknown> {
  // As `for await` does: the method is read once, and null counts as missing.
  const begin = (Object(items) as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] ?? undefined;
  if (begin !== undefined) return begin.call(items as AsyncIterable<unknown>);
  if (Symbol.iterator in Object(items)) return (items as Iterable<unknown>)[Symbol.iterator]();
  throw new TypeError("Cannot map over a value that is neither iterable nor async iterable");
}
