/**
 * Encodes values as bytes: all values of the structured clone, and errors in full. The error for a value that cannot
 * travel names its path.
 *
 * The host's structured clone is the tempting alternative. But it strips errors of their class and does not say where a
 * rejected value is. It differs between runtimes, and between threads and processes. And it copies when a call is
 * dispatched, not when it is submitted.
 *
 * Longer than other files by a few lines: each kind of value has its way here.
 *
 * @module
 */

import { type Channel, OutOfBandCollector, type Packet } from "./out_of_band.ts";
import { ByteWriter } from "./bytes.ts";
import { describeError } from "./error_codec.ts";
import { type HandleKind, kindOf } from "./handles.ts";
import { Numbering } from "./numbering.ts";
import { MINE, NO_REFERENCES, SHARED, YOURS } from "./references.ts";
import { otherCopyOf } from "../core/copy.ts";
import { printPath, reasonOf, Refusal, refusalError, type Step, whyNotInstance } from "./refusal.ts";
import { describeThrown, judgeBy, salvage } from "./salvage.ts";
import { BufferUses } from "./shared_buffers.ts";
import * as tag from "./tags.ts";
import { isMoving } from "./transfer.ts";
import { describeView } from "./views.ts";

/** The size of the buffer for encoded values, which is renewed when half of it is used. */
const ARENA_SIZE = 64 * 1024;

/** Lends the async iterables among the arguments of a task. */
export interface Lender {
  /** Makes the object that travels in place of an iterable. */
  lend(iterable: AsyncIterable<unknown>): object;
}

/** Encodes values for one channel, one after another. */
export class ValueEncoder {
  readonly #channel: Channel;
  readonly #outOfBand: OutOfBandCollector;
  readonly #writer = new ByteWriter(ARENA_SIZE);
  readonly #seen = new Numbering();
  #keys: Map<string, number> | undefined;
  readonly #uses = new BufferUses();
  #path: Step[] = [];
  #depth = 0;
  #busy = false;
  /** Replaces async iterables, if they may be arguments. */
  #lender: Lender | undefined;

  constructor(channel: Channel) {
    this.#channel = channel;
    this.#outOfBand = new OutOfBandCollector(channel, this.#writer);
  }

  /**
   * Encodes a value.
   *
   * @param root the name of the value in an error.
   * @throws {DOMException} a DataCloneError that names the path of a value that cannot travel.
   */
  encode(value: unknown, root: string): Packet {
    return this.#encode(value, root, undefined);
  }

  /**
   * Encodes an argument list: a rest array, which has items and no other properties.
   *
   * @param carried values that travel behind the arguments; errors name them by `carry`.
   * @param lender lends async iterables, if these may be among the arguments.
   */
  encodeArgs(args: unknown[], carried?: object, lender?: Lender): Packet {
    if (carried === undefined) return this.#encode(args, "args", args, lender);
    const list = [...args, carried];
    return this.#encode(list, "args", list, lender, args.length);
  }

  /** Encodes any thrown value; parts that cannot travel are described. */
  encodeError(error: unknown): Packet {
    try {
      return this.encode(error, "error");
    } catch {
      return this.encode(describeThrown(error, this.#judge), "error");
    }
  }

  readonly #judge = judgeBy((value, path) => new ValueEncoder(this.#channel).encode(value, path));

  #encode(
    value: unknown,
    root: string,
    list: unknown[] | undefined,
    lender?: Lender,
    carried?: number,
  ): Packet {
    // A getter of the value that is being encoded may send a value itself.
    if (this.#busy) return new ValueEncoder(this.#channel).#encode(value, root, list, lender, carried);
    const writer = this.#writer;
    if (writer.length > ARENA_SIZE / 2) writer.renew(ARENA_SIZE);
    const start = writer.length;
    this.#depth = 0;
    this.#busy = true;
    this.#lender = lender;
    this.#uses.begin(value);
    try {
      if (list === undefined) this.#value(value);
      else {
        this.#seen.meet(list);
        this.#items(list);
      }
    } catch (error) {
      writer.length = start;
      this.#outOfBand.take();
      const path = this.#path.slice(0, this.#depth);
      const printed = carried !== undefined && path[0] === carried
        ? printPath("carry", path.slice(1))
        : printPath(root, path);
      throw refusalError(printed, reasonOf(error));
    } finally {
      this.#busy = false;
      this.#seen.clear();
      this.#keys = undefined;
      this.#uses.begin(undefined);
    }
    const { blobs, attachments, moved, lent } = this.#outOfBand.take();
    return { bytes: writer.bytes, start, end: writer.length, blobs, attachments, moved, lent };
  }

  #value(value: unknown): void {
    const writer = this.#writer;
    switch (typeof value) {
      case "number":
        return this.#number(value);
      case "string":
        writer.u8(tag.STRING);
        return writer.string(value);
      case "boolean":
        return writer.u8(value ? tag.TRUE : tag.FALSE);
      case "undefined":
        return writer.u8(tag.UNDEFINED);
      case "bigint":
        writer.u8(tag.BIGINT);
        return writer.string(value.toString(16));
      case "object":
        return value === null ? writer.u8(tag.NULL) : this.#object(value);
      case "function":
        return this.#again(value) ? undefined : this.#outOfBand.task(value as (...args: never[]) => unknown);
      default:
        throw new Refusal("a symbol cannot travel");
    }
  }

  /** Writes a reference to an object that was encoded before; returns false if it was not. */
  #again(value: object): boolean {
    const before = this.#seen.meet(value);
    if (before === undefined) return false;
    this.#writer.u8(tag.REFERENCE);
    this.#writer.count(before);
    return true;
  }

  #number(value: number): void {
    const writer = this.#writer;
    if (value === (value | 0) && !Object.is(value, -0)) {
      if (value >= 0 && value < 256) {
        writer.u8(tag.SMALL_INT);
        return writer.u8(value);
      }
      writer.u8(tag.INT32);
      return writer.u32(value);
    }
    writer.u8(tag.DOUBLE);
    writer.f64(value);
  }

  #object(value: object): void {
    if (this.#again(value)) return;
    const prototype = Object.getPrototypeOf(value) as unknown;
    if (prototype === Object.prototype || prototype === null) return this.#plain(value);
    if (Array.isArray(value)) return this.#array(value);
    this.#special(value);
  }

  #array(array: unknown[]): void {
    const { length } = array;
    const keys = Object.keys(array);
    // As many keys as items do not prove a dense array: there may be a hole and a property. Indices come first, in
    // order.
    if (keys.length !== length || (length > 0 && keys[length - 1] !== String(length - 1))) {
      return this.#sparse(array, keys);
    }
    this.#items(array);
  }

  #items(array: unknown[]): void {
    const writer = this.#writer;
    const { length } = array;
    writer.u8(tag.ARRAY);
    writer.count(length);
    const depth = this.#depth++;
    // A getter may change the array meanwhile; the number of items must match the count.
    for (let i = 0; i < length; i++) {
      this.#path[depth] = i;
      this.#value(array[i]);
    }
    this.#depth = depth;
  }

  /** Encodes an array with holes or with other properties. */
  #sparse(array: unknown[], keys: string[]): void {
    this.#writer.u8(tag.SPARSE_ARRAY);
    this.#writer.count(array.length);
    this.#entries(array, keys);
  }

  #plain(value: object): void {
    if (Symbol.asyncIterator in value) return this.#iterable(value as AsyncIterable<unknown>);
    this.#writer.u8(tag.OBJECT);
    this.#entries(value, Object.keys(value));
  }

  #entries(value: object, keys: string[]): void {
    this.#writer.count(keys.length);
    const depth = this.#depth++;
    for (const key of keys) {
      this.#path[depth] = key;
      this.#key(key);
      this.#value((value as Record<string, unknown>)[key]);
    }
    this.#depth = depth;
  }

  /** Writes a key once, then its number: keys repeat in lists of records. */
  #key(key: string): void {
    const keys = this.#keys ??= new Map();
    const known = keys.get(key);
    this.#writer.count(known === undefined ? 0 : known + 1);
    if (known !== undefined) return;
    keys.set(key, keys.size);
    this.#writer.string(key);
  }

  #special(value: object): void {
    if (value instanceof Error || value instanceof DOMException) return this.#error(value);
    if (ArrayBuffer.isView(value)) return this.#view(value);
    if (value instanceof ArrayBuffer) return this.#outOfBand.buffer(value);
    if (value instanceof Map) return this.#map(value);
    if (value instanceof Set) return this.#set(value);
    const writer = this.#writer;
    if (value instanceof Date) {
      writer.u8(tag.DATE);
      return writer.f64(value.getTime());
    }
    if (value instanceof RegExp) {
      writer.u8(tag.REGEXP);
      writer.string(value.source);
      return writer.string(value.flags);
    }
    if (value instanceof Boolean || value instanceof Number || value instanceof String || value instanceof BigInt) {
      writer.u8(tag.BOXED);
      return this.#value(value.valueOf());
    }
    if (value instanceof SharedArrayBuffer) return this.#outOfBand.shared(value);
    const kind = kindOf(value);
    if (kind !== undefined) return this.#handle(value, kind);
    if (isMoving(value)) return this.#outOfBand.handOver(value);
    if (this.#lender !== undefined && Symbol.asyncIterator in value) return this.#iterable(value as never);
    const reason = whyNotInstance(value);
    if (reason !== undefined) throw new Refusal(reason);
    this.#plain(value);
  }

  #map(map: Map<unknown, unknown>): void {
    this.#writer.u8(tag.MAP);
    const { size } = map;
    this.#writer.count(size);
    const depth = this.#depth++;
    let index = 0;
    for (const [key, value] of map) {
      if (index === size) this.#changes(depth);
      this.#path[depth] = { step: "keys", at: index };
      this.#value(key);
      this.#path[depth] = { step: "get", at: typeof key === "string" ? key : index };
      this.#value(value);
      index++;
    }
    this.#depth = depth;
    if (index !== size) this.#changes(depth);
  }

  #set(set: Set<unknown>): void {
    this.#writer.u8(tag.SET);
    const { size } = set;
    this.#writer.count(size);
    const depth = this.#depth++;
    let index = 0;
    for (const value of set) {
      if (index === size) this.#changes(depth);
      this.#path[depth] = { step: "values", at: index++ };
      this.#value(value);
    }
    this.#depth = depth;
    if (index !== size) this.#changes(depth);
  }

  /** Rejects a Map or Set whose number of entries differs from its size, because a getter or a subclass changed it. */
  #changes(depth: number): never {
    this.#depth = depth;
    throw new Refusal("it changes while it is read");
  }

  #view(view: ArrayBufferView): void {
    const writer = this.#writer;
    const { kind, buffer, offset, size, tracks } = describeView(view);
    writer.u8(tag.VIEW);
    writer.u8(tracks ? kind | tag.TRACKING : kind);
    const alone = size < buffer.byteLength && this.#uses.isViewedOnce(buffer);
    writer.count(alone ? 0 : offset);
    writer.count(size);
    if (!alone) return this.#object(buffer);
    // The receiver makes a new buffer, which takes the next number.
    this.#seen.meet({});
    this.#outOfBand.bytes(new Uint8Array(buffer, offset, size));
  }

  #handle(value: object, kind: HandleKind): void {
    const writer = this.#writer;
    const { scope, oneLoop, references = NO_REFERENCES } = this.#channel;
    if (oneLoop) return this.#outOfBand.itself(value);
    const shared = scope === "thread" ? kind.share?.(value) : undefined;
    const reference = shared === undefined ? references.refer(value, kind) : undefined;
    writer.u8(tag.HANDLE);
    writer.string(kind.name);
    writer.string(kind.module);
    writer.u8(reference === undefined ? SHARED : reference.yours ? YOURS : MINE);
    if (reference !== undefined) {
      writer.u32(reference.id);
      writer.u32(reference.ticket);
      if (!reference.yours) this.#outOfBand.lend({ handle: value, kind, ...reference });
    }
    this.#value(reference === undefined ? shared : kind.describe(value));
  }

  /** The iterable stays in this worker, and the task pulls its values. */
  #iterable(value: AsyncIterable<unknown>): void {
    // A queue of another copy is an iterable, too, but its caller expects the queue on the other side.
    const copy = otherCopyOf(value);
    if (copy !== undefined) throw new Refusal(`it belongs to ${copy}`);
    if (this.#lender === undefined) {
      throw new Refusal("an AsyncIterable cannot travel, except in the arguments of submit and stream");
    }
    const source = this.#lender.lend(value);
    this.#handle(source, kindOf(source)!);
  }

  #error(error: Error): void {
    const writer = this.#writer;
    const { className, name, message, stack, properties } = describeError(error);
    writer.u8(tag.ERROR);
    writer.string(className);
    writer.string(name);
    writer.string(message);
    const leftOut: string[] = [];
    for (const [key, value] of properties) this.#property(key, value, leftOut);
    writer.u8(0);
    writer.string(leftOut.length === 0 ? stack : `${stack}\n    --- left out: ${leftOut.join("; ")} ---`);
  }

  /** Writes a property of an error, or the part of it that can travel: the error itself matters more. */
  #property(key: string, value: unknown, leftOut: string[]): void {
    const writer = this.#writer;
    const start = writer.length;
    const { size } = this.#seen;
    const keys = this.#keys?.size ?? 0;
    const unpack = this.#outOfBand.mark();
    const depth = this.#depth++;
    this.#path[depth] = key;
    try {
      writer.u8(1);
      writer.string(key);
      this.#value(value);
    } catch {
      writer.length = start;
      this.#seen.shrink(size);
      for (const [known, place] of this.#keys ?? []) if (place >= keys) this.#keys!.delete(known);
      unpack();
      this.#depth = depth;
      const saved = salvage(value, printPath("error", [key]), this.#judge);
      leftOut.push(...saved.leftOut);
      if ("value" in saved) this.#property(key, saved.value, leftOut);
    }
    this.#depth = depth;
  }
}
