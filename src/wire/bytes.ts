/**
 * Writing and reading numbers and strings as bytes.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";

const encoder = new runtime.TextEncoder();
const decoder = new runtime.TextDecoder("utf-8", { ignoreBOM: true });
/** No time is longer than this, in milliseconds. */
const LONGEST = 2 ** 53;
/** Below this a loop over characters or bytes beats the call into the host. */
const SHORT = 24;
/** How the characters of a string are written. */
const ASCII = 0, UTF8 = 1, UTF16 = 2;

/** A buffer that grows as it is written to. */
export class ByteWriter {
  #view: DataView;
  /** The buffer: bytes `0` to `length` are written. It is replaced when it grows. */
  bytes: Uint8Array<ArrayBuffer>;
  /** How many bytes are written. */
  length = 0;

  /** Makes a writer with room for `capacity` bytes. */
  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Makes room for `count` more bytes. */
  ensure(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  /** Starts over in a new buffer; the old one stays with whoever holds parts of it. */
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

  /** Writes a count in one byte if it is small. */
  count(value: number): void {
    if (value < 255) return this.u8(value);
    this.u8(255);
    this.f64(value);
  }

  /** Overwrites four bytes that were written before. */
  setU32(position: number, value: number): void {
    this.#view.setUint32(position, value, true);
  }

  raw(bytes: Uint8Array): void {
    this.part(bytes, 0, bytes.length);
  }

  /** Writes what lies between two positions. */
  part(bytes: Uint8Array, start: number, end: number): void {
    this.ensure(end - start);
    if (end - start > SHORT) this.bytes.set(bytes.subarray(start, end), this.length);
    else for (let i = start, at = this.length; i < end; i++, at++) this.bytes[at] = bytes[i]!;
    this.length += end - start;
  }

  /** Writes any string, lone surrogates included, which UTF-8 cannot carry. */
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

/** Reads four bytes as a number. */
export function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24) >>> 0;
}

/** Writes a number as four bytes. */
export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

/** Eight bytes, and the number they are: all runtimes here have the lowest byte first, as `f64` of the writer. */
const DOUBLE = new Float64Array(1);
const DOUBLE_BYTES = new Uint8Array(DOUBLE.buffer);

/**
 * Reads what a {@linkcode ByteWriter} wrote. Reading past the end is a RangeError, never garbage.
 *
 * A DataView would be the tempting way, but to make one costs more than to read a whole short message.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  /** Where the next read starts. */
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

  /** A time in milliseconds. */
  duration(): number {
    const value = this.f64();
    if (!(value > -LONGEST && value < LONGEST)) throw new RangeError("Cannot read a time that is none");
    return value;
  }

  count(): number {
    const small = this.u8();
    if (small < 255) return small;
    const value = this.f64();
    if (!(Number.isSafeInteger(value) && value >= 0)) throw new RangeError("Cannot read a count that is none");
    return value;
  }

  /** Returns a view of the next bytes; it is not a copy. */
  raw(size: number): Uint8Array {
    // A size that was written in eight bytes can be anything; going back would never end.
    if (!(Number.isInteger(size) && size >= 0)) throw new RangeError("Cannot read bytes without a size");
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
    if (form !== UTF16) throw new RangeError("Cannot read a string of an unknown form");
    return wideString(bytes);
  }

  #take(size: number): number {
    const start = this.position;
    if (!(start + size <= this.end)) throw new RangeError("Cannot read past the end of a message");
    this.position = start + size;
    return start;
  }
}

/** A TextDecoder replaces lone surrogates, so they are read unit by unit. */
function wideString(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 2) parts.push(String.fromCharCode(bytes[i]! | bytes[i + 1]! << 8));
  return parts.join("");
}
