/**
 * Finds the buffers that occur more than once in a value.
 *
 * @module
 */

import { isMoving } from "./transfer.ts";

/** Tracks the buffers of one value after another. A value is searched at the first question about it. */
export class BufferUses {
  #root: unknown;
  #shared: Set<object> | undefined;

  /** Sets the next value; undefined for none. */
  begin(root: unknown): void {
    this.#root = root;
    this.#shared = undefined;
  }

  /** Whether a buffer occurs only in one view. Then only the viewed part needs to travel. */
  isViewedOnce(buffer: ArrayBufferLike): boolean {
    if (!(buffer instanceof ArrayBuffer) || buffer.resizable || isMoving(buffer)) return false;
    return !(this.#shared ??= findSharedBuffers(this.#root)).has(buffer);
  }
}

/**
 * Finds the buffers that a value contains directly or under more than one view. Of any other buffer only the viewed
 * part needs to travel. Getters are not called: their results count as new.
 */
export function findSharedBuffers(root: unknown): Set<object> {
  const shared = new Set<object>();
  const viewed = new Set<object>();
  const seen = new Set<object>();
  const open: unknown[] = [root];
  const push = (value: unknown) => {
    if (typeof value === "object" && value !== null) open.push(value);
  };
  while (open.length > 0) {
    const value = open.pop() as object;
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof ArrayBuffer) shared.add(value);
    else if (ArrayBuffer.isView(value)) {
      if (viewed.has(value.buffer)) shared.add(value.buffer);
      else viewed.add(value.buffer);
    } else if (value instanceof Map) {
      for (const [key, item] of value) push(key), push(item);
    } else if (value instanceof Set) value.forEach(push);
    else {
      for (const key of Object.getOwnPropertyNames(value)) push(Object.getOwnPropertyDescriptor(value, key)!.value);
    }
  }
  return shared;
}
