/**
 * The object of an actor, in its worker.
 *
 * @module
 */

import { disposerOf } from "./disposal.ts";

type Method = (...args: unknown[]) => unknown;

/** The object of this worker. */
let object: Record<string, Method> | undefined;

/** Returns a function that makes this worker's object of a class, and returns what disposes of the object. */
export function construct(cls: Method): Method {
  return (...args) => {
    object = Reflect.construct(cls, args) as Record<string, Method>;
    const dispose = disposerOf(object);
    // The object itself may have a method `then`.
    return dispose && { [Symbol.asyncDispose]: dispose };
  };
}

/** Returns a function that calls a method of this worker's object. */
export function callMethod(name: string): Method {
  return (...args) => object![name]!(...args);
}
