/**
 * Makes actor classes: classes whose objects can live in a worker of their own.
 *
 * @module
 */

import { show } from "../core/check.ts";
import { membersOf } from "../core/members.ts";
import { define, type Definition } from "./task.ts";

/** Marks an actor class. The symbol is registered, so that two copies of this library recognize each other's. */
const MARK: unique symbol = Symbol.for("heddle.actor") as never;

/** A class whose objects can be actors. */
// deno-lint-ignore no-explicit-any -- a constructor of any parameters
export type ActorConstructor = new (...args: any[]) => object;

/**
 * A class that `ThreadActor` and `ProcessActor` can make objects of.
 *
 * @typeParam C the type of the class: `typeof Index`.
 */
export interface ActorClass<C extends ActorConstructor> {
  /** The URL of its module. */
  readonly url: string;
  /** The name by which workers find it. */
  readonly name: string;
  /** The class itself, to make an object in place. */
  readonly cls: C;
}

/** The methods of an actor, which others call by name. */
export interface ActorMethods {
  /** The methods that return a result: all but generator functions. */
  readonly calls: readonly string[];
  /** The methods that may return a generator: all. */
  readonly streams: readonly string[];
}

/**
 * Makes a class one of actors. Workers find it by its module's URL and its name, as they find tasks.
 *
 * The class must be declared and exported by itself: a class expression in the call cannot be exported by packages that
 * emit declarations (TS4094).
 *
 * @typeParam C the type of the class.
 * @param meta `import.meta` of the module.
 * @param cls the class.
 * @param name the name by which workers find it, if not the name of the class.
 * @throws {TypeError} if `meta.url` is not a string, `cls` is not a class, or `name` is empty.
 *
 * @example Make an object in place
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { actor, type ActorClass } from "@heddle/heddle/task";
 *
 * class Counter {
 *   #count = 0;
 *   add(n: number): number {
 *     return this.#count += n;
 *   }
 * }
 * const counter: ActorClass<typeof Counter> = actor(import.meta, Counter, "counter");
 * assertEquals(counter.name, "counter");
 * assertEquals(new counter.cls().add(2), 2);
 * ```
 */
export function actor<C extends ActorConstructor>(meta: { url: string }, cls: C, name?: string): ActorClass<C> {
  if (typeof cls !== "function" || Object(cls.prototype) !== cls.prototype) {
    throw new TypeError(`Cannot make an actor as 'cls' must be a class: current value is ${show(cls)}`);
  }
  const definition = { ...define("an actor", meta, cls as never, name), constructs: true };
  const made: ActorClass<C> = { url: definition.url, name: definition.name, cls };
  return Object.freeze(Object.defineProperty(made, MARK, { value: definition }));
}

/**
 * Returns the definition of an actor class.
 *
 * @throws {TypeError} if the value is not one.
 */
export function requireActorClass(what: string, value: unknown): Definition {
  const definition = (value as { [MARK]?: Definition } | undefined | null)?.[MARK];
  if (definition !== undefined) return definition;
  throw new TypeError(
    `${what} as 'cls' must be made by actor(import.meta, Class) in its module: current value is ${show(value)}`,
  );
}

/** Lists the methods of a class and of its bases. Getters, symbols and `then` are no methods. */
export function methodsOf({ prototype }: ActorConstructor): ActorMethods {
  const all = [...membersOf(prototype as object)].filter(([name, { value }]) =>
    typeof value === "function" && name !== "then"
  );
  const calls = all.filter(([, { value }]) => !GENERATORS.includes(Object.getPrototypeOf(value)));
  return { calls: calls.map(([name]) => name), streams: all.map(([name]) => name) };
}

/** The prototypes of generator functions of both kinds. */
const GENERATORS: readonly unknown[] = [
  Object.getPrototypeOf(function* () {}),
  Object.getPrototypeOf(async function* () {}),
];
