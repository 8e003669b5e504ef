/**
 * Which buffers a value has more than once.
 *
 * @module
 */

import { isMoving } from "./transfer.ts";

/** The buffers of one value after another. They are looked for when that is first asked. */
export class BufferUses {
  #root: unknown;
  #shared: Set<object> | undefined;

  /** Takes the next value; undefined holds none. */
  begin(root: unknown): void {
    this.#root = root;
    this.#shared = undefined;
  }

  /** Whether nothing else in the value has the buffer of a view, so that a view on a part of it need not bring the rest. */
  isViewedOnce(buffer: ArrayBufferLike): boolean {
    if (!(buffer instanceof ArrayBuffer) || buffer.resizable || isMoving(buffer)) return false;
    return !(this.#shared ??= findSharedBuffers(this.#root)).has(buffer);
  }
}

/**
 * Finds the buffers that are in a value by themselves, or under more than one view. A view on any other buffer need not
 * bring the whole of it. Getters are not called: what they return counts as new.
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
