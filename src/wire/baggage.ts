/**
 * What travels beside the bytes of a value.
 *
 * @module
 */

import type { ByteWriter } from "./bytes.ts";
import { Refusal } from "./refusal.ts";
import type { References } from "./references.ts";
import * as tag from "./tags.ts";
import { isMoving } from "./transfer.ts";

/** Buffers from this size on travel beside the message instead of in it. */
const BLOB_SIZE = 16 * 1024;

/** Where values travel, which decides what can be carried beside the bytes. */
export interface Channel {
  readonly scope: "thread" | "process";
  /** Makes memory for bytes that travel beside a message. */
  allocate(size: number): ArrayBufferLike;
  /** Whether a moved ArrayBuffer is handed over as it is; otherwise its bytes are copied and it is detached. */
  readonly handsOver: boolean;
  /** How objects that stay in their process are referred to; between threads they are shared. */
  readonly references?: References | undefined;
}

/** The baggage of one value. */
export interface Bags {
  /** Bulk that travels beside the bytes. */
  readonly blobs: ArrayBufferLike[];
  /** Objects that the host carries. */
  readonly attachments: object[];
  /** What the sender loses once the value is accepted. */
  readonly moved: object[];
}

/** Shared by all values without baggage; nobody adds to it. */
const NOTHING: Bags = { blobs: [], attachments: [], moved: [] };

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
    const { blobs, attachments, moved } = this.#bags ?? NOTHING;
    const sizes = [blobs.length, attachments.length, moved.length];
    return () => {
      const bags = this.#bags;
      if (bags !== undefined) [bags.blobs, bags.attachments, bags.moved].forEach((bag, i) => bag.splice(sizes[i]!));
    };
  }

  /** Packs a buffer: a small one into the bytes, a large one beside them. */
  buffer(buffer: ArrayBuffer): void {
    if (buffer.detached) throw new Refusal("a detached ArrayBuffer cannot travel");
    const writer = this.#writer;
    const size = buffer.byteLength;
    if (isMoving(buffer)) {
      if (this.#channel.handsOver) return this.handOver(buffer);
      this.#open().moved.push(buffer);
    }
    if (size < BLOB_SIZE) {
      writer.u8(tag.BUFFER);
      writer.count(size);
      return writer.raw(new Uint8Array(buffer));
    }
    const copy = this.#channel.allocate(size);
    new Uint8Array(copy).set(new Uint8Array(buffer));
    this.#open().blobs.push(copy);
    writer.u8(tag.BLOB);
  }

  /** Packs shared memory. */
  shared(memory: SharedArrayBuffer): void {
    if (this.#channel.scope === "process") throw new Refusal("a SharedArrayBuffer cannot leave its process");
    this.#attach(memory);
  }

  /** Packs what the host hands over. */
  handOver(value: object): void {
    if (this.#channel.scope === "process") {
      throw new Refusal(`an instance of ${value.constructor?.name ?? "a class"} cannot leave its process`);
    }
    this.#open().moved.push(value);
    this.#attach(value);
  }

  #attach(value: object): void {
    this.#writer.u8(tag.ATTACHMENT);
    this.#open().attachments.push(value);
  }

  #open(): Bags {
    return this.#bags ??= { blobs: [], attachments: [], moved: [] };
  }
}
