/**
 * Options of functions and constructors: an object, and no name in it that the function does not know.
 *
 * @module
 */

import { show } from "./check.ts";
import { byNearness, nearest } from "./nearest.ts";

/** The names of the options that a function takes. */
export type OptionNames<T> = ReadonlySet<string> & {
  /** Tells the compiler whose names they are. */
  readonly of?: T;
};

/** Makes objects that inherit nothing. An object without a prototype is that too, but is a slow dictionary on V8. */
const Bare = function () {} as unknown as new () => object;
const NOTHING: object = Object.freeze(Object.create(null));
(Bare as { prototype: object }).prototype = NOTHING;

/**
 * Lists the names of options. The compiler sees to it that the list is that of the interface.
 *
 * @typeParam T the interface of the options.
 */
export function optionNames<T extends object>(names: { readonly [K in keyof T]-?: true }): OptionNames<T> {
  return new Set(Object.keys(names));
}

/**
 * Checks that options are an object whose names are known, and returns a copy that inherits nothing, in which a polluted
 * `Object.prototype` changes nothing. An option that is `undefined` counts as left out, known or not.
 *
 * What an object inherits from its class, or from another object, counts as well, as it does for the web platform: an
 * `AbortController` is an option `signal`. Only its own names must be known, as methods are no mistake.
 *
 * @param what begins the messages, and names the argument: "Cannot acquire as 'options'".
 * @throws {TypeError} if the value is no object, or a name is unknown; the message says which one is near.
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

/** Returns a copy of options, unknown names included; see {@linkcode checkOptions}. */
export function readOptions<T extends object>(what: string, value: T, known: OptionNames<T>): T {
  checkObject(what, value);
  const options = Object.assign(new Bare() as T, value);
  if (isPlain(value)) return options;
  refuseOthers(what, value);
  return addInherited(value, known, options);
}

/** Returns one of the options, for callers that cannot afford a copy; its name and those of the others are not checked. */
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

/** Whether an object inherits nothing that could be an option. */
export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === Object.prototype || prototype === null || prototype === NOTHING || isRoot(prototype);
}

/** Makes the error about an option that is not known. */
export function unknownOption(what: string, name: string, known: ReadonlySet<string>): TypeError {
  const [action, argument = "options"] = what.split(/ as '?(\w+)'?$/);
  const path = argument === "options" ? "" : `${argument}.`;
  const meant = nearest(name, known);
  const list = () => byNearness(name, known).map((other) => `"${path}${other}"`).join(", ");
  const wayOut = meant === undefined ? `known are ${list()}` : `did you mean "${path}${meant}"?`;
  return new TypeError(`${action}: unknown option "${path}${name}", ${wayOut}`);
}

/** `Object.prototype`, or that of another realm. */
function isRoot(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "hasOwnProperty");
}

/** Refuses objects that are given in the place of options by mistake. */
function refuseOthers(what: string, value: object): void {
  if (Array.isArray(value) || value instanceof AbortSignal) throw notOptions(what, value);
}

function addInherited<T extends object>(value: T, known: OptionNames<T>, options: T): T {
  for (const name of known as ReadonlySet<keyof T & string>) {
    if (!(name in options) && inherits(value, name)) options[name] = value[name];
  }
  return options;
}

/** Whether an object has a member from a class or from another object. */
function inherits(value: object, name: string): boolean {
  for (let at = Object.getPrototypeOf(value); at !== null && !isRoot(at); at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, name)) return true;
  }
  return false;
}

function notOptions(what: string, value: unknown): TypeError {
  const picture = value instanceof AbortSignal ? "an AbortSignal, which is given as { signal }" : show(value);
  return new TypeError(`${what} must be an object: current value is ${picture}`);
}
