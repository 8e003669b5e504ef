/**
 * Defines how objects are printed: the name of their class and a few of their members.
 *
 * @module
 */

import { markOurs } from "./copy.ts";

/** Node and Bun call the first method, Deno the second. */
const NODE: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;
const DENO: unique symbol = Symbol.for("Deno.customInspect") as never;

/** Empty classes by name: consoles take the name of an object from its class. */
const shapes = new Map<string, new () => object>();

/**
 * Makes the objects of a class print as the class name and a few members. A member that is `undefined` or cannot be
 * read in this worker is omitted. The printed copy is not retained.
 *
 * @param name the name of the class, which minified code does not have. A subclass prints its own name.
 * @param members the names of the members, or a function that returns the members to print.
 */
export function printsAs<T extends object>(
  Class: { readonly prototype: T },
  name: string,
  members: readonly (keyof T & string)[] | ((object: T) => object),
): void {
  const picture = (object: T): object => {
    const own = object.constructor;
    const shape = new (shapeOf(own === Class || own.name === "" ? name : own.name))();
    return Object.assign(shape, typeof members === "function" ? members(object) : pick(object, members));
  };
  const define = (key: symbol, value: unknown) =>
    Object.defineProperty(Class.prototype, key, { value, configurable: true, writable: true });
  markOurs(Class.prototype);
  define(NODE, function (this: T): object {
    return picture(this);
  });
  define(DENO, function (this: T, inspect: (value: unknown, options: unknown) => string, options: unknown): string {
    return inspect(picture(this), options);
  });
}

/** Returns the members that are defined. */
export function pick<T extends object>(object: T, members: readonly (keyof T & string)[]): Partial<T> {
  const found: Partial<T> = {};
  for (const member of members) {
    try {
      if (object[member] !== undefined) found[member] = object[member];
    } catch {
      // An object away from its owner, or after its end, cannot read all of its members.
    }
  }
  return found;
}

/** A computed key is the tempting way to name a class, but Bun prints the name from the source text. */
function shapeOf(name: string): new () => object {
  let shape = shapes.get(name);
  if (shape === undefined) shapes.set(name, shape = named(name));
  return shape;
}

function named(name: string): new () => object {
  try {
    return new Function(`return class ${name} {}`)();
  } catch {
    // The host does not compile code from strings, or `name` is not a valid class name.
    return { [name]: class {} }[name]!;
  }
}
