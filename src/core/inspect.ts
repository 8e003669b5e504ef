/**
 * How objects look where they are printed: as the name of their class and a few of its members.
 *
 * @module
 */

import { markOurs } from "./copy.ts";

/** Node and Bun call the method of this name, and Deno the other one. */
const NODE: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;
const DENO: unique symbol = Symbol.for("Deno.customInspect") as never;

/** Empty classes by their names: consoles take the name of an object from its class. */
const shapes = new Map<string, new () => object>();

/**
 * Makes the objects of a class print as its name and a few members. A member that is `undefined`, or that cannot be read in
 * this worker, is left out. Nothing of what is printed is kept.
 *
 * @param name the name of the class, which minified code does not have. A class that extends it shows its own.
 * @param members the names of the members, or a function that returns what to show.
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

/** Returns those members that there are. */
export function pick<T extends object>(object: T, members: readonly (keyof T & string)[]): Partial<T> {
  const found: Partial<T> = {};
  for (const member of members) {
    try {
      if (object[member] !== undefined) found[member] = object[member];
    } catch {
      // Away from its owner, or after its end, an object does not know all of itself.
    }
  }
  return found;
}

/** To name a class by a computed key is tempting. But Bun prints the name that stands in the source. */
function shapeOf(name: string): new () => object {
  let shape = shapes.get(name);
  if (shape === undefined) shapes.set(name, shape = named(name));
  return shape;
}

function named(name: string): new () => object {
  try {
    return new Function(`return class ${name} {}`)();
  } catch {
    // The host makes no code of strings, or the name is none for a class.
    return { [name]: class {} }[name]!;
  }
}
