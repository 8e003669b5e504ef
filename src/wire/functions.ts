/**
 * Encodes functions as addresses at which the receiver finds them.
 *
 * @module
 */

import type { ByteReader, ByteWriter } from "./bytes.ts";

type AnyFunction = (...args: never[]) => unknown;

/** Encodes and decodes functions. */
export interface FunctionKind {
  /** Writes the address of a function; returns false if the function cannot travel. */
  write(fn: AnyFunction, writer: ByteWriter): boolean;
  /**
   * Returns the function at an address.
   *
   * @throws {RangeError} if the bytes are not an address.
   */
  read(reader: ByteReader): AnyFunction;
}

let kind: FunctionKind = {
  write: () => false,
  read: () => {
    throw new RangeError("Cannot receive a task here");
  },
};

/** Sets how functions are encoded and decoded. */
export function registerFunctions(how: FunctionKind): void {
  kind = how;
}

/** Writes the address of a function; returns false if the function cannot travel. */
export function writeFunction(fn: AnyFunction, writer: ByteWriter): boolean {
  return kind.write(fn, writer);
}

/** Returns the function at an address. */
export function readFunction(reader: ByteReader): AnyFunction {
  return kind.read(reader);
}
