/**
 * Packs the out-of-band data of a value: buffers and objects that do not travel in its bytes.
 *
 * @module
 */

import type { ByteWriter } from "./bytes.ts";
import { type FunctionKind, writeFunction } from "./functions.ts";
import { Refusal } from "./refusal.ts";
import type { Lent, Referrer } from "./references.ts";
import * as tag from "./tags.ts";
import { isMoving } from "./transfer.ts";

/** Buffers of this size or more travel beside the message instead of in it. */
const BLOB_SIZE = 16 * 1024;

/** The end of a message about objects that cannot be encoded. */
export const INTO_BYTES = "be turned into bytes";

/** The channel on which values travel. It decides what can travel beside the bytes. */
export interface Channel {
  readonly scope: "thread" | "process";
  /** Whether nothing can travel beside the bytes. */
  readonly bytesOnly?: boolean;
  /** Allocates memory for bytes that travel beside a message. */
  allocate(size: number): ArrayBufferLike;
  /** Whether a transferred ArrayBuffer is handed over. Otherwise its bytes are copied and it is detached. */
  readonly handsOver: boolean;
  /**
   * Whether the other end may be on another machine. Objects that are bound to this machine are then rejected by name.
   */
  readonly remote?: boolean;
  /** Replaces the general way in which functions travel. */
  readonly functions?: Pick<FunctionKind, "write">;
  /** Whether both ends are in one event loop, where objects that travel by reference arrive as themselves. */
  readonly oneLoop?: boolean;
  /** Wakes the receiver before large data is copied for it: waking takes about as long as copying. */
  readonly wake?: () => void;
  /** Makes references to objects that stay in this worker. */
  readonly references?: Referrer | undefined;
}

/** The out-of-band data of a value. */
export interface OutOfBandData {
  /** Large data that travels beside the bytes. */
  readonly blobs: ArrayBufferLike[];
  /** Objects that the host transfers or shares. */
  readonly attachments: object[];
  /** Objects that the sender loses once the value is accepted. */
  readonly moved: object[];
  /** Objects that stay here and that the receiver will use. */
  readonly lent: Lent[];
}

/** An encoded value. The bytes are a part of a larger buffer and are never overwritten. */
export interface Packet extends OutOfBandData {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Shared by all values without out-of-band data; never modified. */
const NOTHING: OutOfBandData = { blobs: [], attachments: [], moved: [], lent: [] };

/** Packs buffers and objects for one channel, value after value. */
export class OutOfBandCollector {
  readonly #channel: Channel;
  readonly #writer: ByteWriter;
  #outOfBand: OutOfBandData | undefined;

  /** @param writer receives a record of each packed object. */
  constructor(channel: Channel, writer: ByteWriter) {
    this.#channel = channel;
    this.#writer = writer;
  }

  /** Returns the data packed since the last call. */
  take(): OutOfBandData {
    const outOfBand = this.#outOfBand ?? NOTHING;
    this.#outOfBand = undefined;
    return outOfBand;
  }

  /** Returns a function that discards everything packed after this call. */
  mark(): () => void {
    const sizes = listsOf(this.#outOfBand ?? NOTHING).map(({ length }) => length);
    return () => {
      if (this.#outOfBand !== undefined) listsOf(this.#outOfBand).forEach((list, i) => list.splice(sizes[i]!));
    };
  }

  /** Packs a buffer: a small one into the bytes, a large one beside them. */
  buffer(buffer: ArrayBuffer): void {
    if (buffer.detached) throw new Refusal("a detached ArrayBuffer cannot travel");
    const writer = this.#writer;
    if (isMoving(buffer)) {
      if (this.#channel.remote) throw new Refusal("a transferred ArrayBuffer is bound to this machine");
      if (this.#channel.handsOver) return this.handOver(buffer);
      this.#open().moved.push(buffer);
    }
    if (buffer.resizable) {
      writer.u8(tag.RESIZABLE);
      writer.count(buffer.maxByteLength);
    }
    this.bytes(new Uint8Array(buffer));
  }

  /** Packs bytes as a separate buffer: a small one into the message, a large one beside it. */
  bytes(bytes: Uint8Array): void {
    const writer = this.#writer;
    const size = bytes.length;
    if (size < BLOB_SIZE || this.#channel.bytesOnly) {
      writer.u8(tag.BUFFER);
      writer.count(size);
      return writer.raw(bytes);
    }
    // A buffer that is handed over is posted, and posting wakes the receiver.
    if (!this.#channel.handsOver) this.#channel.wake?.();
    const copy = this.#channel.allocate(size);
    new Uint8Array(copy).set(bytes);
    this.#open().blobs.push(copy);
    writer.u8(tag.BLOB);
  }

  /** Packs shared memory. */
  shared(memory: SharedArrayBuffer): void {
    this.#mayLeave("a SharedArrayBuffer");
    this.#attach(memory);
  }

  /** Records an object that the value refers to. */
  lend(lent: Lent): void {
    this.#open().lent.push(lent);
  }

  /** Packs an object for the same event loop. */
  itself(value: object): void {
    this.#attach(value);
  }

  /** Packs a task as its address. Other functions have no address at which the receiver can find them. */
  task(fn: (...args: never[]) => unknown): void {
    const writer = this.#writer;
    const start = writer.length;
    writer.u8(tag.TASK);
    const { functions } = this.#channel;
    if (!(functions?.write(fn, writer) ?? writeFunction(fn, writer))) throw new Refusal("a function cannot travel");
    if (!this.#channel.oneLoop) return;
    writer.length = start;
    this.itself(fn);
  }

  /** Packs an object that the host transfers. */
  handOver(value: object): void {
    this.#mayLeave(`an instance of ${value.constructor?.name ?? "a class"}`);
    this.#open().moved.push(value);
    this.#attach(value);
  }

  #mayLeave(what: string): void {
    const { scope, bytesOnly, remote } = this.#channel;
    if (remote) throw new Refusal(`${what} is bound to this machine`);
    if (bytesOnly) throw new Refusal(`${what} cannot ${INTO_BYTES}`);
    if (scope === "process") throw new Refusal(`${what} cannot leave its process`);
  }

  #attach(value: object): void {
    this.#writer.u8(tag.ATTACHMENT);
    this.#open().attachments.push(value);
  }

  #open(): OutOfBandData {
    return this.#outOfBand ??= { blobs: [], attachments: [], moved: [], lent: [] };
  }
}

function listsOf({ blobs, attachments, moved, lent }: OutOfBandData): object[][] {
  return [blobs, attachments, moved, lent];
}
