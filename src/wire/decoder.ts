/**
 * Decodes values from bytes: the inverse of the encoder.
 *
 * @module
 */

import type { ByteReader } from "./bytes.ts";
import { defineProperty, defineStack, makeError } from "./error_codec.ts";
import { type FunctionKind, readFunction } from "./functions.ts";
import { findKind } from "./handles.ts";
import { NO_REFERENCES, type Resolver, SHARED, YOURS } from "./references.ts";
import { keepMemory } from "./spare_memory.ts";
import * as tag from "./tags.ts";
import { makeView } from "./views.ts";

/** The maximum length of an array. */
const LONGEST_ARRAY = 2 ** 32 - 1;
/** The maximum length of a sparse array that is allocated at once. */
const LONGEST_DENSE = 1024;

/** Decodes the values of one message, in the order in which they were added. */
export class ValueDecoder {
  readonly #reader: ByteReader;
  #blobs: readonly ArrayBufferLike[];
  readonly #attachments: readonly object[];
  /** Replaces the general way in which functions are found. */
  functions: Pick<FunctionKind, "read"> = { read: readFunction };
  /** Finds objects of other workers. */
  references: Resolver = NO_REFERENCES;
  #nextBlob = 0;
  #nextAttachment = 0;
  #seen: unknown[] = [];
  #keys: string[] = [];

  /** Makes a decoder of the values at the reader's position. */
  constructor(reader: ByteReader, blobs: readonly ArrayBufferLike[] = [], attachments: readonly object[] = []) {
    this.#reader = reader;
    this.#blobs = blobs;
    this.#attachments = attachments;
  }

  /**
   * Returns the value at the reader's position.
   *
   * @throws {RangeError} if the bytes are not an encoded value.
   */
  decode(): unknown {
    if (this.#seen.length > 0) this.#seen = [];
    if (this.#keys.length > 0) this.#keys = [];
    return this.#value();
  }

  /** Adds large data that travelled beside the bytes. */
  addBlob(blob: ArrayBufferLike): void {
    // A new message begins, even if a value of the one before did not decode.
    if (this.#nextBlob === Infinity) this.#nextBlob = this.#blobs.length;
    this.#blobs = [...this.#blobs, blob];
  }

  /** Returns a function that restores the current position in the out-of-band data. */
  bookmark(): () => void {
    const [blobs, nextBlob, nextAttachment] = [this.#blobs, this.#nextBlob, this.#nextAttachment];
    return () => {
      this.#blobs = blobs;
      this.#nextBlob = nextBlob;
      this.#nextAttachment = nextAttachment;
    };
  }

  /** Gives up on the out-of-band data: after a value that does not decode, its owners are unknown. */
  loseBulk(): void {
    this.#nextBlob = this.#nextAttachment = Infinity;
  }

  #value(): unknown {
    const reader = this.#reader;
    const kind = reader.u8();
    switch (kind) {
      case tag.UNDEFINED:
        return undefined;
      case tag.NULL:
        return null;
      case tag.TRUE:
        return true;
      case tag.FALSE:
        return false;
      case tag.SMALL_INT:
        return reader.u8();
      case tag.INT32:
        return reader.u32() | 0;
      case tag.DOUBLE:
        return reader.f64();
      case tag.STRING:
        return reader.string();
      case tag.BIGINT:
        return bigint(reader.string());
      case tag.REFERENCE:
        return this.#before(reader.count());
      case tag.ARRAY:
        return this.#array(reader.count());
      case tag.OBJECT:
        return this.#entries(this.#keep({}));
      default:
        return this.#special(kind);
    }
  }

  #special(kind: number): unknown {
    const reader = this.#reader;
    switch (kind) {
      case tag.SPARSE_ARRAY:
        return this.#entries(this.#keep(sparseArray(reader.count())));
      case tag.DATE:
        return this.#keep(new Date(reader.f64()));
      case tag.REGEXP:
        return this.#keep(new RegExp(reader.string(), reader.string()));
      case tag.MAP:
        return this.#map();
      case tag.SET:
        return this.#set();
      case tag.BOXED:
        return this.#boxed();
      case tag.ERROR:
        return this.#error();
      case tag.BUFFER:
        return this.#keep(copyOf(reader.raw(reader.count())));
      case tag.BLOB:
        return this.#keep(this.#blob());
      case tag.RESIZABLE:
        return this.#resizable(reader.count());
      case tag.ATTACHMENT:
        return this.#keep(this.#attachment());
      case tag.VIEW:
        return this.#view();
      case tag.TASK:
        return this.#keep(this.functions.read(reader));
      case tag.HANDLE:
        return this.#handle();
      default:
        throw new RangeError(`Cannot decode a value of kind ${kind}`);
    }
  }

  #keep<T>(value: T): T {
    this.#seen.push(value);
    return value;
  }

  /** Returns an object that was decoded before. */
  #before(place: number): unknown {
    if (place >= this.#seen.length) {
      throw new RangeError(`Cannot decode a reference: there is no such object (index is ${place})`);
    }
    return this.#seen[place];
  }

  #array(length: number): unknown[] {
    const array: unknown[] = this.#keep([]);
    for (let i = 0; i < length; i++) array.push(this.#value());
    return array;
  }

  #entries<T extends object>(target: T): T {
    for (let left = this.#reader.count(); left > 0; left--) {
      const key = this.#key();
      const value = this.#value();
      // Assigning to this key would change the prototype.
      if (key === "__proto__") {
        Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
      } else (target as Record<string, unknown>)[key] = value;
    }
    return target;
  }

  #key(): string {
    const place = this.#reader.count();
    if (place > this.#keys.length) {
      throw new RangeError(`Cannot decode a key: there is no such key (index is ${place - 1})`);
    }
    if (place > 0) return this.#keys[place - 1]!;
    const key = this.#reader.string();
    this.#keys.push(key);
    return key;
  }

  #map(): Map<unknown, unknown> {
    const map = this.#keep(new Map<unknown, unknown>());
    for (let left = this.#reader.count(); left > 0; left--) {
      const key = this.#value();
      map.set(key, this.#value());
    }
    return map;
  }

  #set(): Set<unknown> {
    const set = this.#keep(new Set<unknown>());
    for (let left = this.#reader.count(); left > 0; left--) set.add(this.#value());
    return set;
  }

  #boxed(): unknown {
    const place = this.#seen.push(undefined) - 1;
    return this.#seen[place] = Object(this.#value());
  }

  #resizable(maxByteLength: number): ArrayBuffer {
    const place = this.#seen.push(undefined) - 1;
    const kind = this.#reader.u8();
    if (kind !== tag.BUFFER && kind !== tag.BLOB) {
      throw new RangeError("Cannot decode a resizable buffer: its bytes are missing");
    }
    const bytes = kind === tag.BLOB ? new Uint8Array(this.#blob()) : this.#reader.raw(this.#reader.count());
    const buffer = new ArrayBuffer(bytes.length, { maxByteLength });
    new Uint8Array(buffer).set(bytes);
    this.#seen[place] = buffer;
    return buffer;
  }

  #view(): ArrayBufferView {
    const reader = this.#reader;
    const place = this.#seen.push(undefined) - 1;
    const kind = reader.u8();
    const offset = reader.count();
    const size = reader.count();
    const tracks = (kind & tag.TRACKING) !== 0;
    return this.#seen[place] = makeView(kind & ~tag.TRACKING, this.#value(), offset, tracks ? undefined : size);
  }

  #handle(): object {
    const place = this.#seen.push(undefined) - 1;
    const reader = this.#reader;
    const kind = findKind(reader.string(), reader.string());
    const home = reader.u8();
    // The encoder sends `SHARED` only for kinds that have `restore`.
    if (home === SHARED) return this.#seen[place] = kind.restore!(this.#value() as never);
    const reference = { yours: home === YOURS, id: reader.u32(), ticket: reader.u32() };
    return this.#seen[place] = this.references.resolve(kind, reference, this.#value());
  }

  /**
   * Copies a blob out of shared memory, because tasks expect unshared memory; the sender has given up the shared block.
   * Any other blob already belongs to this thread.
   */
  #blob(): ArrayBuffer {
    const blob = this.#blobs[this.#nextBlob++];
    if (blob === undefined) throw new RangeError("Cannot decode a buffer: its bytes did not arrive");
    if (blob instanceof ArrayBuffer) return blob;
    const copy = copyOf(new Uint8Array(blob));
    keepMemory(blob as SharedArrayBuffer);
    return copy;
  }

  #attachment(): object {
    const attachment = this.#attachments[this.#nextAttachment++];
    if (attachment === undefined) throw new RangeError("Cannot decode an object: its attachment did not arrive");
    return attachment;
  }

  #error(): Error {
    const reader = this.#reader;
    const className = reader.string();
    const name = reader.string();
    const message = reader.string();
    const error = this.#keep(makeError({ className, name, message, stack: "" }));
    while (reader.u8() === 1) {
      const key = reader.string();
      defineProperty(error, key, this.#value());
    }
    defineStack(error, reader.string());
    return error;
  }
}

/** Makes a sparse array. Engines allocate a long array at once, unless its last item is set first. */
function sparseArray(length: number): unknown[] {
  if (length <= LONGEST_DENSE) return new Array(length);
  if (length > LONGEST_ARRAY) throw new RangeError(`Cannot decode an array of ${length} items`);
  const array: unknown[] = [];
  array[length - 1] = undefined;
  delete array[length - 1];
  return array;
}

function copyOf(bytes: Uint8Array): ArrayBuffer {
  // Faster than `set` into a new buffer, which is zeroed first.
  return new Uint8Array(bytes).buffer;
}

function bigint(hex: string): bigint {
  return hex.startsWith("-") ? -BigInt("0x" + hex.slice(1)) : BigInt("0x" + hex);
}
