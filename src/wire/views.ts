/**
 * Converts views on buffers to records and back.
 *
 * @module
 */

import { Refusal } from "./refusal.ts";
import { VIEW_KINDS } from "./tags.ts";
import { isMoving } from "./transfer.ts";

/** The maximum size of a view's element, in bytes. */
const LARGEST_ITEM = 8;

/** A view and its position in its buffer. */
export interface ViewRecord {
  /** Its index in the list of kinds. */
  readonly kind: number;
  readonly buffer: ArrayBufferLike;
  readonly offset: number;
  readonly size: number;
  /** Whether the view tracks the length of its buffer. */
  readonly tracks: boolean;
}

interface ViewClass {
  new (buffer: ArrayBufferLike, offset: number, length: number | undefined): ArrayBufferView;
  readonly prototype: object;
  readonly BYTES_PER_ELEMENT?: number;
}

/** Returns the record of a view. The part under a subclass, such as a pooled Buffer, is copied out of its buffer. */
export function describeView(view: ArrayBufferView): ViewRecord {
  const name = view instanceof DataView ? "DataView" : (view as unknown as { [Symbol.toStringTag]: string })[
    Symbol.toStringTag
  ];
  const kind = VIEW_KINDS.indexOf(name);
  if (kind === -1) throw new Refusal(`an instance of ${name} cannot travel`);
  const { buffer, byteOffset: offset, byteLength: size } = view;
  const isPlain = Object.getPrototypeOf(view) === viewClass(kind)?.prototype;
  if (isPlain || !(buffer instanceof ArrayBuffer) || isMoving(buffer)) {
    return { kind, buffer, offset, size, tracks: tracksLength(view, buffer) };
  }
  return { kind, buffer: buffer.slice(offset, offset + size), offset: 0, size, tracks: false };
}

/**
 * Whether a view tracks the length of its buffer. The language has no property for this, so the buffer is resized for a
 * moment, in which no other code runs.
 */
function tracksLength(view: ArrayBufferView, buffer: ArrayBufferLike): boolean {
  if (!(buffer instanceof ArrayBuffer) || !buffer.resizable) return false;
  const { byteLength: size, maxByteLength: most } = buffer;
  const before = view.byteLength;
  if (view.byteOffset + before + LARGEST_ITEM <= size) return false;
  // The bytes that shrinking cuts off are restored below.
  const end = Math.max(0, size - LARGEST_ITEM);
  const tail = new Uint8Array(buffer.slice(end));
  buffer.resize(size + LARGEST_ITEM <= most ? size + LARGEST_ITEM : end);
  // A view of fixed length that no longer fits is empty until it fits again.
  const tracks = buffer.byteLength > size ? view.byteLength > before : view.byteLength > 0 && view.byteLength < before;
  buffer.resize(size);
  new Uint8Array(buffer, end).set(tail);
  return tracks;
}

/**
 * Makes a view; without a size, one that tracks the length of its buffer.
 *
 * @throws {RangeError} if the kind is unknown, or the view does not fit the buffer.
 */
export function makeView(kind: number, buffer: unknown, offset: number, size: number | undefined): ArrayBufferView {
  if (!(buffer instanceof ArrayBuffer || buffer instanceof SharedArrayBuffer)) {
    throw new RangeError("Cannot decode a view: its buffer is of another type");
  }
  const View = viewClass(kind);
  if (View === undefined) throw new RangeError("Cannot decode a view of an unknown kind");
  return new View(buffer, offset, size === undefined ? undefined : size / (View.BYTES_PER_ELEMENT ?? 1));
}

/** Returns the class of a kind. It is looked up each time, because not every runtime has every kind. */
function viewClass(kind: number): ViewClass | undefined {
  return (globalThis as unknown as Record<string, ViewClass | undefined>)[VIEW_KINDS[kind] ?? ""];
}
