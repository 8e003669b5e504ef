/**
 * What travels beside the bytes of a value.
 *
 * @module
 */

import type { ByteWriter } from "./bytes.ts";
import { type FunctionKind, writeFunction } from "./functions.ts";
import { Refusal } from "./refusal.ts";
import type { Lent, Referrer } from "./references.ts";
import * as tag from "./tags.ts";
import { isMoving } from "./transfer.ts";

/** Buffers from this size on travel beside the message instead of in it. */
const BLOB_SIZE = 16 * 1024;

/** What objects that stay where they are cannot do. */
export const INTO_BYTES = "be turned into bytes";

/** Where values travel, which decides what can be carried beside the bytes. */
export interface Channel {
  readonly scope: "thread" | "process";
  /** Whether nothing can be carried beside the bytes. */
  readonly bytesOnly?: boolean;
  /** Makes memory for bytes that travel beside a message. */
  allocate(size: number): ArrayBufferLike;
  /** Whether a moved ArrayBuffer is handed over as it is; otherwise its bytes are copied and it is detached. */
  readonly handsOver: boolean;
  /** Whether the other end may be on another machine, so that what is bound to this one is refused by name. */
  readonly remote?: boolean;
  /** How functions travel, if not as everywhere. */
  readonly functions?: Pick<FunctionKind, "write">;
  /** Whether both ends are in one loop, where what travels by reference arrives as it is. */
  readonly oneLoop?: boolean;
  /** Wakes whoever will get the value, while bulk is copied for it: either takes as long as the other. */
  readonly rouse?: () => void;
  /** How objects that stay where they are are referred to. */
  readonly references?: Referrer | undefined;
}

/** The baggage of one value. */
export interface Bags {
  /** Bulk that travels beside the bytes. */
  readonly blobs: ArrayBufferLike[];
  /** Objects that the host carries. */
  readonly attachments: object[];
  /** What the sender loses once the value is accepted. */
  readonly moved: object[];
  /** Objects that stay here and that the receiver will use. */
  readonly lent: Lent[];
}

/** An encoded value. The bytes are a part of a larger buffer that is never written again. */
export interface Packet extends Bags {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Shared by all values without baggage; nobody adds to it. */
const NOTHING: Bags = { blobs: [], attachments: [], moved: [], lent: [] };

/** Packs buffers and objects for one channel, value after value. */
export class Baggage {
  readonly #channel: Channel;
  readonly #writer: ByteWriter;
  #bags: Bags | undefined;

  /** @param writer gets the record of all that is packed. */
  constructor(channel: Channel, writer: ByteWriter) {
    this.#channel = channel;
    this.#writer = writer;
  }

  /** Gives away what was packed since the last time. */
  take(): Bags {
    const bags = this.#bags ?? NOTHING;
    this.#bags = undefined;
    return bags;
  }

  /** Returns what takes back all that is packed after this call. */
  mark(): () => void {
    const sizes = listsOf(this.#bags ?? NOTHING).map(({ length }) => length);
    return () => {
      if (this.#bags !== undefined) listsOf(this.#bags).forEach((list, i) => list.splice(sizes[i]!));
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

  /** Packs bytes as a buffer of their own: a few into the message, many beside it. */
  bytes(bytes: Uint8Array): void {
    const writer = this.#writer;
    const size = bytes.length;
    if (size < BLOB_SIZE || this.#channel.bytesOnly) {
      writer.u8(tag.BUFFER);
      writer.count(size);
      return writer.raw(bytes);
    }
    // What is handed over is posted, which wakes as well.
    if (!this.#channel.handsOver) this.#channel.rouse?.();
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

  /** Notes an object that the value refers to. */
  lend(lent: Lent): void {
    this.#open().lent.push(lent);
  }

  /** Packs an object for the same loop. */
  itself(value: object): void {
    this.#attach(value);
  }

  /** Packs a task as its address. No other function has one at which the other side finds it. */
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

  /** Packs what the host hands over. */
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

  #open(): Bags {
    return this.#bags ??= { blobs: [], attachments: [], moved: [], lent: [] };
  }
}

function listsOf({ blobs, attachments, moved, lent }: Bags): object[][] {
  return [blobs, attachments, moved, lent];
}
