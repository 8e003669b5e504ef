// Compares values as strictly as structured clone requires, including shared references and cycles.

import { AssertionError } from "@std/assert";

/** Fails unless the values are equal, including signs of zero, holes, key order, prototypes and shared parts. */
export function assertSame(actual: unknown, expected: unknown, about = ""): void {
  const twins = new Map<object, object>();
  const path: string[] = [];
  compare(actual, expected);

  function compare(a: unknown, b: unknown): void {
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return check(Object.is(a, b), a, b);
    const twin = twins.get(a);
    if (twin !== undefined) return check(twin === b, "shared parts", "others");
    check(Object.getPrototypeOf(a) === Object.getPrototypeOf(b), a, b);
    twins.set(a, b);
    if (
      a instanceof Date || a instanceof Number || a instanceof String || a instanceof Boolean || a instanceof BigInt
    ) {
      at("valueOf()", a.valueOf(), b.valueOf());
    }
    if (a instanceof RegExp) at("toString()", String(a), String(b));
    if (a instanceof ArrayBuffer) return lists("bytes", [...new Uint8Array(a)], [...new Uint8Array(b as ArrayBuffer)]);
    if (ArrayBuffer.isView(a)) return views(a, b as ArrayBufferView);
    if (a instanceof Map) lists("entries()", [...a].flat(), [...b as Map<unknown, unknown>].flat());
    if (a instanceof Set) lists("values()", [...a], [...b as Set<unknown>]);
    if (Array.isArray(a)) at("length", a.length, (b as unknown[]).length);
    const keys = Object.keys(a);
    at("keys", keys.join(), Object.keys(b).join());
    for (const key of keys) at(key, (a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]);
  }

  function views(a: ArrayBufferView, b: ArrayBufferView): void {
    at("byteLength", a.byteLength, b.byteLength);
    // A view on a part of an otherwise unused buffer is sent with its own bytes only; structuredClone sends the whole
    // buffer.
    if (isWhole(a) !== isWhole(b)) return lists("bytes", bytesOf(a), bytesOf(b));
    at("byteOffset", a.byteOffset, b.byteOffset);
    at("buffer", a.buffer, b.buffer);
  }

  function lists(name: string, a: unknown[], b: unknown[]): void {
    at(`${name}.length`, a.length, b.length);
    for (let i = 0; i < a.length; i++) at(`${name}[${i}]`, a[i], b[i]);
  }

  function at(step: string, a: unknown, b: unknown): void {
    path.push(step);
    compare(a, b);
    path.pop();
  }

  function check(holds: boolean, a: unknown, b: unknown): void {
    if (holds) return;
    throw new AssertionError(`${about} Not the same at '${path.join(".")}': ${print(a)} is not ${print(b)}`);
  }
}

function print(value: unknown): string {
  if (typeof value === "object" && value !== null) return Object.prototype.toString.call(value);
  return typeof value === "string" ? JSON.stringify(value) : Object.is(value, -0) ? "-0" : String(value);
}

function isWhole({ buffer, byteLength }: ArrayBufferView): boolean {
  return byteLength === buffer.byteLength;
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): number[] {
  return [...new Uint8Array(buffer, byteOffset, byteLength)];
}
