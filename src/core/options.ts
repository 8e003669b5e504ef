/**
 * Checks option objects: their type and the names of their members.
 *
 * @module
 */

import { show } from "./check.ts";
import { byNearness, nearest } from "./nearest.ts";

/** The names of the options that a function accepts. */
export type OptionNames<T> = ReadonlySet<string> & {
  /** Ties the names to the interface in the type system. */
  readonly of?: T;
};

/**
 * Makes objects that inherit nothing. `Object.create(null)` is the tempting way, but its objects are slow dictionaries
 * on V8.
 */
const Bare = function () {} as unknown as new () => object;
const NOTHING: object = Object.freeze(Object.create(null));
(Bare as { prototype: object }).prototype = NOTHING;

/**
 * Lists the names of options. The compiler checks that the list matches the interface.
 *
 * @typeParam T the interface of the options.
 */
export function optionNames<T extends object>(names: { readonly [K in keyof T]-?: true }): OptionNames<T> {
  return new Set(Object.keys(names));
}

/**
 * Checks that options are an object with known names only. Returns a copy that inherits nothing, so that a polluted
 * `Object.prototype` has no effect. An option that is `undefined` counts as omitted, known or not.
 *
 * Members that the object inherits from its class or from another object count as options, as on the web platform: an
 * `AbortController` has an option `signal`. Only own names must be known, because inherited methods are no mistake.
 *
 * @param what the start of the messages, with the argument: "Cannot acquire as 'options'".
 * @throws {TypeError} if the value is not an object, or a name is unknown; the message suggests the nearest name.
 */
export function checkOptions<T extends object>(what: string, value: T, known: OptionNames<T>): T {
  checkObject(what, value);
  const plain = isPlain(value);
  if (!plain) refuseOthers(what, value);
  const options = new Bare() as T;
  for (const name of Object.keys(value) as (keyof T & string)[]) {
    const option = value[name];
    if (option !== undefined && !known.has(name)) throw unknownOption(what, name, known);
    options[name] = option;
  }
  return plain ? options : addInherited(value, known, options);
}

/** Returns a copy of the options, with unknown names; see {@linkcode checkOptions}. */
export function readOptions<T extends object>(what: string, value: T, known: OptionNames<T>): T {
  checkObject(what, value);
  const options = Object.assign(new Bare() as T, value);
  if (isPlain(value)) return options;
  refuseOthers(what, value);
  return addInherited(value, known, options);
}

/** Returns one option, for callers that cannot afford a copy. Names are not checked. */
export function readOption<T extends object, K extends keyof T & string>(
  what: string,
  value: T,
  name: K,
): T[K] | undefined {
  checkObject(what, value);
  if (isPlain(value)) return Object.hasOwn(value, name) ? value[name] : undefined;
  return Object.hasOwn(value, name) || inherits(value, name) ? value[name] : undefined;
}

/** Checks that a value is an object. */
export function checkObject(what: string, value: unknown): void {
  if (typeof value !== "object" || value === null) throw notOptions(what, value);
}

/** Whether an object inherits no members that could be options. */
export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === Object.prototype || prototype === null || prototype === NOTHING || isRoot(prototype);
}

/** Makes the error about an unknown option. */
export function unknownOption(what: string, name: string, known: ReadonlySet<string>): TypeError {
  const [action, argument = "options"] = what.split(/ as '?(\w+)'?$/);
  const path = argument === "options" ? "" : `${argument}.`;
  const meant = nearest(name, known);
  const list = () => byNearness(name, known).map((other) => `"${path}${other}"`).join(", ");
  const wayOut = meant === undefined ? `known options are ${list()}` : `did you mean "${path}${meant}"?`;
  return new TypeError(`${action}: unknown option "${path}${name}", ${wayOut}`);
}

/** Whether an object is the `Object.prototype` of this or another realm. */
function isRoot(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "hasOwnProperty");
}

/** Rejects an array or an `AbortSignal` passed in the place of options. */
function refuseOthers(what: string, value: object): void {
  if (Array.isArray(value) || value instanceof AbortSignal) throw notOptions(what, value);
}

function addInherited<T extends object>(value: T, known: OptionNames<T>, options: T): T {
  for (const name of known as ReadonlySet<keyof T & string>) {
    if (!(name in options) && inherits(value, name)) options[name] = value[name];
  }
  return options;
}

/** Whether an object inherits a member from a class or from another object. */
function inherits(value: object, name: string): boolean {
  for (let at = Object.getPrototypeOf(value); at !== null && !isRoot(at); at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, name)) return true;
  }
  return false;
}

function notOptions(what: string, value: unknown): TypeError {
  const picture = value instanceof AbortSignal ? "an AbortSignal; pass it as { signal }" : show(value);
  return new TypeError(`${what} must be an object: current value is ${picture}`);
}
