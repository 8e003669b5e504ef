/**
 * Explains why a value cannot travel, and where it is.
 *
 * @module
 */

import { show } from "../core/check.ts";
import { otherCopyOf } from "../core/copy.ts";

/** Thrown inside the encoder; the catching code adds the path. */
export class Refusal {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Describes an error that occurred while a value was read. */
export function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.reason;
  if (error instanceof RangeError && /call stack|too much recursion/i.test(error.message)) {
    return "it is nested too deeply";
  }
  return `reading it failed: ${error instanceof Error ? error.message : show(error)}`;
}

/** Makes the error for the caller. */
export function refusalError(path: string, reason: string): DOMException {
  return new DOMException(`Cannot send ${path}: ${reason}`, "DataCloneError");
}

/** A step into a Map or Set. It is formatted only when printed, because most paths never are. */
export interface Inside {
  readonly step: "keys" | "get" | "values";
  /** The index in the order of iteration, or a string key. */
  readonly at: number | string;
}

/** One step of a path: an index, a key, or a step into a Map or Set. */
export type Step = number | string | Inside;

/** The maximum number of printed steps. */
const PRINTED_STEPS = 32;

/** The prototypes of all iterators and generators: their state is hidden, although their classes have no names. */
const ITERATORS: readonly object[] = [
  Object.getPrototypeOf(Object.getPrototypeOf([].values())) as object,
  Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype)) as object,
];

/** Formats a path as a JavaScript expression. */
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
 * Returns why an instance of a class cannot travel, or undefined if it can. As with the structured clone, its own
 * properties travel and arrive as a plain object. An instance with state in the host or in private fields would be
 * silently damaged.
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
    // The root prototype of this realm or of another, such as a test runner's.
    if (Object.getPrototypeOf(prototype) === null) return undefined;
    if (ITERATORS.includes(prototype)) return "an iterator cannot travel";
    const owner = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value as unknown;
    if (typeof owner !== "function") continue;
    const source = Function.prototype.toString.call(owner);
    const name = owner.name === "" ? "an unnamed class" : owner.name;
    // Hosts implement some of their classes in JavaScript; these classes are global too.
    const hosted = (globalThis as unknown as Record<string, unknown>)[owner.name] === owner;
    if (hosted || /\{\s*\[native code\]\s*\}\s*$/.test(source)) return `an instance of ${name} cannot travel`;
    if (/\bthis\.#[\p{ID_Start}$_]/u.test(source)) {
      return `an instance of ${name} keeps private fields, which cannot travel`;
    }
  }
  return undefined;
}
