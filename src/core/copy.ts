/**
 * Lets several copies of this library coexist in one program, as when two packages depend on two versions.
 *
 * Objects that are used through their public interface work across copies. All other uses are rejected, with a message
 * that says why: an object of another copy looks like one of this copy, but this copy cannot read its private members.
 *
 * @module
 */

/** The version of this copy. */
export const VERSION = "0.1.0";

/** The property that holds the copy to which a class belongs. */
const COPY: unique symbol = Symbol.for("heddle.copy") as never;

/** A copy of this library. */
interface Copy {
  readonly version: string;
}

const ours: Copy = { version: VERSION };

/** Marks the objects of a class as belonging to this copy. */
export function markOurs(prototype: object): void {
  Object.defineProperty(prototype, COPY, { value: ours, configurable: true });
}

/** Describes the copy that an object belongs to, with both versions; undefined if it is this copy or none. */
export function otherCopyOf(value: object): string | undefined {
  const copy = (value as { readonly [COPY]?: Copy })[COPY];
  if (copy === undefined || copy === ours) return undefined;
  return `another copy of Heddle, version ${copy.version}, while this one is version ${VERSION}`;
}

/** Returns a value that all copies of this library in this thread share under a name. The first copy makes it. */
export function sharedByCopies<T>(name: string, make: () => T): T {
  const globals = globalThis as unknown as Record<symbol, T | undefined>;
  return globals[Symbol.for(`heddle.${name}`)] ??= make();
}
