/**
 * Copies the parts of an error, or of another thrown value, that can travel. All other values travel whole or not at
 * all.
 *
 * @module
 */

import { show } from "../core/check.ts";
import { RemoteError } from "../core/errors.ts";

/** Returns why a value cannot travel, with its path; undefined if it can. */
export type Judge = (value: unknown, path: string) => string | undefined;

/** Makes a judge from a function that throws for a value that cannot travel. */
export function judgeBy(encode: (value: unknown, path: string) => unknown): Judge {
  return (value, path) => {
    try {
      encode(value, path);
      return undefined;
    } catch (error) {
      return (error as Error).message.replace(/^Cannot send /, "");
    }
  };
}

/** A copy without the parts that cannot travel. */
export interface Salvaged {
  /** Missing if no part can travel. */
  readonly value?: unknown;
  /** The paths of the missing parts and the reasons: `error.details.retry: a function cannot travel`. */
  readonly leftOut: string[];
}

/**
 * Copies the parts of a value that can travel.
 *
 * @param path the name of the value in messages.
 */
export function salvage(value: unknown, path: string, judge: Judge): Salvaged {
  const leftOut: string[] = [];
  const copies = new Map<object, object>();
  return { ...copyOf(value, path), leftOut };

  /** Returns the copy of a part, wrapped in an object because the copy may be undefined. */
  function copyOf(part: unknown, at: string): { value: unknown } | undefined {
    const reason = judge(part, at);
    if (reason === undefined) return { value: part };
    if (typeof part === "object" && part !== null) {
      const known = copies.get(part);
      if (known !== undefined) return { value: known };
      if (Array.isArray(part)) return { value: copyArray(part, at) };
      if (part instanceof Map) return { value: copyMap(part, at) };
      if (part instanceof Set) return { value: copySet(part, at) };
      if (Object.keys(part).length > 0) return { value: copyObject(part, at) };
    }
    leftOut.push(reason);
    return undefined;
  }

  function copyArray(array: readonly unknown[], at: string): unknown[] {
    const made: unknown[] = [];
    copies.set(array, made);
    for (let i = 0; i < array.length; i++) made.push(copyOf(array[i], `${at}[${i}]`)?.value);
    return made;
  }

  function copyMap(map: ReadonlyMap<unknown, unknown>, at: string): Map<unknown, unknown> {
    const made = new Map<unknown, unknown>();
    copies.set(map, made);
    let index = 0;
    for (const [key, item] of map) {
      const place = typeof key === "string" ? JSON.stringify(key) : `keys()[${index}]`;
      const copied = copyOf(key, `${at}.keys()[${index++}]`);
      const entry = copied && copyOf(item, `${at}.get(${place})`);
      if (entry !== undefined) made.set(copied!.value, entry.value);
    }
    return made;
  }

  function copySet(set: ReadonlySet<unknown>, at: string): Set<unknown> {
    const made = new Set<unknown>();
    copies.set(set, made);
    let index = 0;
    for (const item of set) {
      const entry = copyOf(item, `${at}.values()[${index++}]`);
      if (entry !== undefined) made.add(entry.value);
    }
    return made;
  }

  function copyObject(object: object, at: string): object {
    const made: Record<string, unknown> = {};
    copies.set(object, made);
    for (const key of Object.keys(object)) {
      const step = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
      let item: unknown;
      try {
        item = (object as Record<string, unknown>)[key];
      } catch (error) {
        leftOut.push(`${at}${step}: its getter throws ${error}`);
        continue;
      }
      const entry = copyOf(item, at + step);
      if (entry !== undefined) {
        Object.defineProperty(made, key, { value: entry.value, enumerable: true, configurable: true, writable: true });
      }
    }
    return made;
  }
}

/**
 * Makes an error from a thrown value that is not an error and cannot travel whole. It has the properties that can
 * travel.
 */
export function describeThrown(thrown: unknown, judge: Judge): RemoteError {
  const { value, leftOut } = salvage(thrown, "error", judge);
  const what = `The task threw ${show(thrown)}`;
  if (typeof value !== "object") return new RemoteError(`${what}, which cannot travel`);
  const error = new RemoteError(`${what}, of which a part cannot travel: ${leftOut.join("; ")}`);
  if (Array.isArray(value)) return Object.assign(error, { items: value });
  const { message: _message, stack: _stack, ...properties } = value as Record<string, unknown>;
  return Object.assign(error, properties);
}
