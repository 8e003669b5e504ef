/**
 * Values that cannot travel.
 *
 * @module
 */

import { show } from "../core/check.ts";
import { otherCopyOf } from "../core/copy.ts";

/** Thrown inside the encoder; the path is put together where it is caught. */
export class Refusal {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Puts what was thrown while a value was read into words. */
export function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.reason;
  if (error instanceof RangeError && /call stack|too much recursion/i.test(error.message)) {
    return "it is nested too deeply";
  }
  return `reading it failed: ${error instanceof Error ? error.message : show(error)}`;
}

/** The error a caller sees. */
export function refusalError(path: string, reason: string): DOMException {
  return new DOMException(`Cannot send ${path}: ${reason}`, "DataCloneError");
}

/** A step into a Map or Set. It is put into words only when it is printed: most paths never are. */
export interface Inside {
  readonly step: "keys" | "get" | "values";
  /** The place in the order of iteration, or a key that is a string. */
  readonly at: number | string;
}

/** One step of a path: an index, a key, or a step into a Map or Set. */
export type Step = number | string | Inside;

/** A path is printed up to here: beyond, only its length would be news. */
const PRINTED_STEPS = 32;

/** What generators and iterators of all kinds inherit from: their state is hidden, though their classes are not named. */
const ITERATORS: readonly object[] = [
  Object.getPrototypeOf(Object.getPrototypeOf([].values())) as object,
  Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype)) as object,
];

/** Prints a path as one would write it in code. */
export function printPath(root: string, steps: readonly Step[]): string {
  const printed = steps.slice(0, PRINTED_STEPS).map((step) => {
    if (typeof step === "number") return `[${step}]`;
    if (typeof step === "object") return printInside(step);
    return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  });
  if (steps.length > PRINTED_STEPS) printed.push(` and ${steps.length - PRINTED_STEPS} steps further down`);
  return root + printed.join("");
}

function printInside({ step, at }: Inside): string {
  if (step !== "get") return `.${step}()[${at}]`;
  return `.get(${typeof at === "string" ? JSON.stringify(at) : `keys()[${at}]`})`;
}

const verdicts = new WeakMap<object, string | undefined>();

/**
 * Says why an instance of a class of its own cannot travel, or returns undefined if it can: its own properties travel,
 * as with structured clone, and arrive as a plain object. That would be silent damage for an instance whose state is
 * elsewhere: in the host, or in private fields.
 */
export function whyNotInstance(value: object): string | undefined {
  const prototype = Object.getPrototypeOf(value) as object;
  const copy = otherCopyOf(value);
  if (copy !== undefined) return `it belongs to ${copy}`;
  if (!verdicts.has(prototype)) verdicts.set(prototype, judge(prototype));
  return verdicts.get(prototype);
}

function judge(start: object): string | undefined {
  for (let prototype: object | null = start; prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
    // Of this realm or of another, such as that of a test runner.
    if (Object.getPrototypeOf(prototype) === null) return undefined;
    if (ITERATORS.includes(prototype)) return "an iterator cannot travel";
    const owner = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value as unknown;
    if (typeof owner !== "function") continue;
    const source = Function.prototype.toString.call(owner);
    const name = owner.name === "" ? "an unnamed class" : owner.name;
    // Hosts write some of their classes in the language itself; these are global all the same.
    const hosted = (globalThis as unknown as Record<string, unknown>)[owner.name] === owner;
    if (hosted || /\{\s*\[native code\]\s*\}\s*$/.test(source)) return `an instance of ${name} cannot travel`;
    if (/\bthis\.#[\p{ID_Start}$_]/u.test(source)) {
      return `an instance of ${name} keeps private fields, which cannot travel`;
    }
  }
  return undefined;
}
