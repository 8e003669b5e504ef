/**
 * Views on buffers as data, and data as views.
 *
 * @module
 */

import { Refusal } from "./refusal.ts";
import { VIEW_KINDS } from "./tags.ts";
import { isMoving } from "./transfer.ts";

/** How a view lies on its buffer. */
export interface ViewRecord {
  /** Its place in the list of kinds. */
  readonly kind: number;
  readonly buffer: ArrayBufferLike;
  readonly offset: number;
  readonly size: number;
}

interface ViewClass {
  new (buffer: ArrayBufferLike, offset: number, length: number): ArrayBufferView;
  readonly prototype: object;
  readonly BYTES_PER_ELEMENT?: number;
}

/**
 * Takes a view apart. It arrives on its whole buffer, as others may share it; only one of a class of its own, such as a
 * pooled Buffer, is cut out.
 */
export function describeView(view: ArrayBufferView): ViewRecord {
  const name = view instanceof DataView ? "DataView" : (view as unknown as { [Symbol.toStringTag]: string })[
    Symbol.toStringTag
  ];
  const kind = VIEW_KINDS.indexOf(name);
  if (kind === -1) throw new Refusal(`an instance of ${name} cannot travel`);
  const { buffer, byteOffset: offset, byteLength: size } = view;
  const isPlain = Object.getPrototypeOf(view) === viewClass(kind)?.prototype;
  if (isPlain || !(buffer instanceof ArrayBuffer) || isMoving(buffer)) return { kind, buffer, offset, size };
  return { kind, buffer: buffer.slice(offset, offset + size), offset: 0, size };
}

/**
 * Makes a view.
 *
 * @throws {RangeError} if there is no such kind, or if it does not fit the buffer.
 */
export function makeView(kind: number, buffer: unknown, offset: number, size: number): ArrayBufferView {
  if (!(buffer instanceof ArrayBuffer || buffer instanceof SharedArrayBuffer)) {
    throw new RangeError("Cannot decode a view of something that is no buffer");
  }
  const View = viewClass(kind);
  if (View === undefined) throw new RangeError("Cannot decode a view of an unknown kind");
  return new View(buffer, offset, size / (View.BYTES_PER_ELEMENT ?? 1));
}

/** Looked up each time, as not every runtime has every kind. */
function viewClass(kind: number): ViewClass | undefined {
  return (globalThis as unknown as Record<string, ViewClass | undefined>)[VIEW_KINDS[kind] ?? ""];
}
