/**
 * Encodes numbers and strings as bytes, and decodes them.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";

const encoder = new runtime.TextEncoder();
const decoder = new runtime.TextDecoder("utf-8", { ignoreBOM: true });
/** Durations are shorter than this, in milliseconds. */
const LONGEST = 2 ** 53;
/** Below this size, a loop over characters or bytes is faster than a call into the host. */
const SHORT = 24;
/** The encodings of a string. */
const ASCII = 0, UTF8 = 1, UTF16 = 2;

/** A buffer that grows as bytes are written to it. */
export class ByteWriter {
  #view: DataView;
  /** The buffer: bytes `0` to `length` are written. A larger buffer replaces it when it is full. */
  bytes: Uint8Array<ArrayBuffer>;
  /** The number of bytes written. */
  length = 0;

  /** Makes a writer with space for `capacity` bytes. */
  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Makes space for `count` more bytes. */
  ensure(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  /** Starts over in a new buffer. The old one stays valid for callers that hold parts of it. */
  renew(capacity: number): void {
    this.bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.bytes.buffer);
    this.length = 0;
  }

  u8(value: number): void {
    this.ensure(1);
    this.bytes[this.length++] = value;
  }

  u32(value: number): void {
    this.ensure(4);
    this.#view.setUint32(this.length, value, true);
    this.length += 4;
  }

  f64(value: number): void {
    this.ensure(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** Writes a count; a small one takes one byte. */
  count(value: number): void {
    if (value < 255) return this.u8(value);
    this.u8(255);
    this.f64(value);
  }

  /** Overwrites four bytes at a position. */
  setU32(position: number, value: number): void {
    this.#view.setUint32(position, value, true);
  }

  raw(bytes: Uint8Array): void {
    this.part(bytes, 0, bytes.length);
  }

  /** Writes the bytes from `start` to `end`. */
  part(bytes: Uint8Array, start: number, end: number): void {
    this.ensure(end - start);
    if (end - start > SHORT) this.bytes.set(bytes.subarray(start, end), this.length);
    else for (let i = start, at = this.length; i < end; i++, at++) this.bytes[at] = bytes[i]!;
    this.length += end - start;
  }

  /** Writes any string, including lone surrogates, which UTF-8 cannot represent. */
  string(value: string): void {
    const size = value.length;
    if (size <= SHORT && this.#short(value, size)) return;
    if (!value.isWellFormed()) return this.#utf16(value);
    this.ensure(size * 3 + 14);
    this.u8(UTF8);
    const at = this.length;
    this.u32(0);
    const { written } = encoder.encodeInto(value, this.bytes.subarray(this.length));
    this.length += written;
    this.setU32(at, written);
  }

  #short(value: string, size: number): boolean {
    this.ensure(size + 2);
    const start = this.length;
    const bytes = this.bytes;
    bytes[start] = ASCII;
    bytes[start + 1] = size;
    for (let i = 0; i < size; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 127) return false;
      bytes[start + 2 + i] = unit;
    }
    this.length = start + 2 + size;
    return true;
  }

  #utf16(value: string): void {
    this.u8(UTF16);
    this.u32(value.length * 2);
    this.ensure(value.length * 2);
    for (let i = 0; i < value.length; i++) {
      this.#view.setUint16(this.length, value.charCodeAt(i), true);
      this.length += 2;
    }
  }
}

/** Reads an unsigned 32-bit integer. */
export function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24) >>> 0;
}

/** Writes an unsigned 32-bit integer. */
export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

/** A number and its eight bytes, lowest first: all supported runtimes are little-endian, like `f64` of the writer. */
const DOUBLE = new Float64Array(1);
const DOUBLE_BYTES = new Uint8Array(DOUBLE.buffer);

/**
 * Reads values that a {@linkcode ByteWriter} wrote. Reading past the end throws a RangeError.
 *
 * A DataView is the tempting way, but creating one costs more than reading a whole short message.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  /** The position of the next read. */
  position: number;
  readonly end: number;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = Math.min(end, bytes.length);
  }

  u8(): number {
    return this.bytes[this.#take(1)]!;
  }

  u32(): number {
    return readU32(this.bytes, this.#take(4));
  }

  f64(): number {
    const start = this.#take(8);
    for (let i = 0; i < 8; i++) DOUBLE_BYTES[i] = this.bytes[start + i]!;
    return DOUBLE[0]!;
  }

  /** Reads a duration in milliseconds. */
  duration(): number {
    const value = this.f64();
    if (!(value > -LONGEST && value < LONGEST)) {
      throw new RangeError(`Cannot read a duration: it is out of range (value is ${value})`);
    }
    return value;
  }

  count(): number {
    const small = this.u8();
    if (small < 255) return small;
    const value = this.f64();
    if (!(Number.isSafeInteger(value) && value >= 0)) {
      throw new RangeError(`Cannot read a count: it is out of range (value is ${value})`);
    }
    return value;
  }

  /** Returns a view of the next bytes, not a copy. */
  raw(size: number): Uint8Array {
    // A size written in eight bytes can be any number; a negative one would move the reader backwards forever.
    if (!(Number.isInteger(size) && size >= 0)) {
      throw new RangeError(`Cannot read bytes: their size is out of range (size is ${size})`);
    }
    const start = this.#take(size);
    return this.bytes.subarray(start, start + size);
  }

  string(): string {
    const form = this.u8();
    if (form === ASCII) {
      const size = this.u8();
      const start = this.#take(size);
      let text = "";
      for (let i = 0; i < size; i++) text += String.fromCharCode(this.bytes[start + i]!);
      return text;
    }
    const bytes = this.raw(this.u32());
    if (form === UTF8) return decoder.decode(bytes);
    if (form !== UTF16) throw new RangeError(`Cannot read a string of an unknown form (form is ${form})`);
    return wideString(bytes);
  }

  #take(size: number): number {
    const start = this.position;
    if (!(start + size <= this.end)) throw new RangeError("Cannot read past the end of a message");
    this.position = start + size;
    return start;
  }
}

/** Decodes UTF-16 unit by unit, because a TextDecoder replaces lone surrogates. */
function wideString(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 2) parts.push(String.fromCharCode(bytes[i]! | bytes[i + 1]! << 8));
  return parts.join("");
}
