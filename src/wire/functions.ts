/**
 * Functions that travel: as the address where the other side finds them.
 *
 * @module
 */

import type { ByteReader, ByteWriter } from "./bytes.ts";

/** A function. */
type AnyFunction = (...args: never[]) => unknown;

/** How functions travel. */
export interface FunctionKind {
  /** Writes where a function is found; false if it cannot travel. */
  write(fn: AnyFunction, writer: ByteWriter): boolean;
  /**
   * Returns the function that is found there.
   *
   * @throws {RangeError} if the bytes are no such address.
   */
  read(reader: ByteReader): AnyFunction;
}

let kind: FunctionKind = {
  write: () => false,
  read: () => {
    throw new RangeError("Cannot receive a task here");
  },
};

/** Says how functions travel. */
export function registerFunctions(how: FunctionKind): void {
  kind = how;
}

/** Writes where a function is found; false if it cannot travel. */
export function writeFunction(fn: AnyFunction, writer: ByteWriter): boolean {
  return kind.write(fn, writer);
}

/** Returns the function that is found there. */
export function readFunction(reader: ByteReader): AnyFunction {
  return kind.read(reader);
}
