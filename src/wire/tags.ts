/**
 * Type tags: the first byte of every encoded value. Both sides always run the same version, so numbers may change.
 *
 * @module
 */

export const UNDEFINED = 0;
export const NULL = 1;
export const TRUE = 2;
export const FALSE = 3;
export const SMALL_INT = 4;
export const INT32 = 5;
export const DOUBLE = 6;
export const BIGINT = 7;
export const STRING = 8;
export const REFERENCE = 9;
export const ARRAY = 10;
export const SPARSE_ARRAY = 11;
export const OBJECT = 12;
export const DATE = 13;
export const REGEXP = 14;
export const MAP = 15;
export const SET = 16;
export const BOXED = 17;
export const ERROR = 18;
/** An ArrayBuffer whose bytes follow. */
export const BUFFER = 19;
/** An ArrayBuffer whose bytes travel beside the message. */
export const BLOB = 20;
/** An object that the host carries beside the message: shared memory, a port, a transferred buffer. */
export const ATTACHMENT = 21;
export const VIEW = 22;
/** An object that travels by reference. */
export const HANDLE = 23;

/** A resizable ArrayBuffer: its maximum size, then its content. */
export const RESIZABLE = 24;

/** A task, as its address. */
export const TASK = 25;

/** Added to the kind of a view that tracks the length of its buffer. */
export const TRACKING = 0x80;

/** The kinds of views, by index. */
export const VIEW_KINDS: readonly string[] = [
  "DataView",
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
  "Float16Array",
];
