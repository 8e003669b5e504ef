/**
 * Several copies of this library in one program, as when two packages depend on two versions of it.
 *
 * What works by the public interface works across copies. All else is refused, and the message says why: an object of another
 * copy looks like one of this copy, but keeps its private members from it.
 *
 * @module
 */

/** The version of this copy. */
export const VERSION = "0.1.0";

/** Where the classes of all copies say which copy they belong to. */
const COPY: unique symbol = Symbol.for("heddle.copy") as never;

/** A copy of this library. */
interface Copy {
  readonly version: string;
}

const ours: Copy = { version: VERSION };

/** Marks the objects of a class as those of this copy. */
export function markOurs(prototype: object): void {
  Object.defineProperty(prototype, COPY, { value: ours, configurable: true });
}

/** Names the copy that an object belongs to, with both versions; undefined if it is this one, or none. */
export function otherCopyOf(value: object): string | undefined {
  const copy = (value as { readonly [COPY]?: Copy })[COPY];
  if (copy === undefined || copy === ours) return undefined;
  return `another copy of Heddle, version ${copy.version}, while this one is version ${VERSION}`;
}

/** Returns what all copies of this library in this thread share under a name, made by the first of them. */
export function sharedByCopies<T>(name: string, make: () => T): T {
  const globals = globalThis as unknown as Record<symbol, T | undefined>;
  return globals[Symbol.for(`heddle.${name}`)] ??= make();
}
