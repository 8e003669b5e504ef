/**
 * Messages between a pool and its worker: records one after another, each an operation and its fields.
 *
 * @module
 */

import { type ByteReader, ByteWriter } from "./bytes.ts";
import { ValueDecoder } from "./decoder.ts";
import type { Packet } from "./baggage.ts";
import type { Lent, Resolver } from "./references.ts";

/** Pool to worker: how to work. First message of all. */
export const SETUP = 1;
/** Pool to worker: a task and where its function is. */
export const DEFINE = 2;
/** Pool to worker: run a task. */
export const CALL = 3;
/**
 * A call that is a chunk of a map; one that is not the first attempt, whose number follows and that of the first call; one
 * whose task has an id of another executor, which follows.
 */
export const FLAGS: { readonly chunk: 1; readonly repeated: 2; readonly named: 4; readonly carries: 8 } = {
  chunk: 1,
  repeated: 2,
  named: 4,
  carries: 8,
};
/** Pool to worker: a task's signal fires. */
export const ABORT = 4;
/** Pool to worker: how many tasks may be in progress from now on. */
export const CONCURRENCY = 5;
/** Pool to worker: the calls before it that were not begun are taken back. */
export const RECALL = 10;
/** Worker to pool, where the pool cannot see which calls were begun: those that were taken back. */
export const RECALLED = 14;
/** Pool to worker: leave, now that there is nothing left to do. */
export const STOP = 7;
/** Pool to worker: answer, to show that the loop turns. */
export const PING = 6;

/** Worker to pool: set up, takes calls. */
export const READY = 16;
/** Worker to pool: the initializer failed. */
export const SETUP_FAILED = 17;
/** Worker to pool: the program that is to be loaded in it does not load, or opens workers of its own. */
export const REFUSED = 15;
/** Worker to pool: a task returned. */
export const DONE = 18;
/** Worker to pool: a chunk of tasks is done, up to the first error. */
export const CHUNK_DONE = 24;
/** Worker to pool: a task threw, or could not be run. */
export const FAILED = 19;
/** Worker to pool: a task reports progress. */
export const PROGRESS = 20;
/** Worker to pool: output of the worker, as a descriptor and bytes. */
export const OUTPUT = 13;
/** Worker process to pool, as a message of its own: the process has printed before it sent what follows. */
export const PRINTED = 12;
/** Worker to pool: an error that no running task is to blame for. */
export const FAULT = 21;
/**
 * Worker to pool, about objects there; the numbers from here on are about nothing else. Call a method and answer, call one
 * without an answer, stop a call.
 */
export const REQUEST = 27, POST = 28, CANCEL = 29;
/** Worker to pool: release what a call has acquired. */
export const GIVE_BACK = 30;
/** Worker to pool: an object is not used there any more. */
export const FORGET = 31;
/** Either way, before other records: the names of memory that belongs to them. */
export const BULK = 9;
/** Pool to worker: the answer to a request, which is a value, an error, or something acquired that stays there. */
export const REPLY = 8;
/** Worker to pool: bytes in use. */
export const MEMORY = 22;
/** Worker to pool: it ends by itself, and has sent the results of all tasks that ended. */
export const LEAVING = 25;
/** Worker to pool: a task runs for the first time, so that its module is loaded. */
export const STARTED = 26;
/** Worker to pool: the answer to a ping. */
export const PONG = 23;

/** How many bytes say how long a value is. */
const SIZE_BYTES = 4;

/** Room at the start of a message for the link's own header. */
export const HEADER_SIZE = 16;

/** A message on its way. The bytes are the sender's to reuse once `send` has returned. */
export interface OutgoingMessage {
  /** {@linkcode HEADER_SIZE} bytes for the link, then the records. */
  readonly bytes: Uint8Array;
  readonly blobs: readonly ArrayBufferLike[];
  readonly attachments: readonly object[];
  /** Objects that stay here and that the receiver will use. */
  readonly lent: readonly Lent[];
}

/** Puts messages together. */
export class MessageWriter {
  readonly #writer = new ByteWriter(4096);
  #blobs: ArrayBufferLike[] = [];
  #attachments: object[] = [];
  #lent: Lent[] = [];

  constructor() {
    this.#writer.length = HEADER_SIZE;
  }

  /** Whether nothing was written since the last message. */
  get empty(): boolean {
    return this.#writer.length === HEADER_SIZE;
  }

  /** Starts a record. */
  record(operation: number): ByteWriter {
    this.#writer.u8(operation);
    return this.#writer;
  }

  /** Adds an encoded value to the record. */
  value(packet: Packet): void {
    const writer = this.#writer;
    writer.u32(packet.end - packet.start);
    writer.part(packet.bytes, packet.start, packet.end);
    for (const blob of packet.blobs) this.#blobs.push(blob);
    for (const attachment of packet.attachments) this.#attachments.push(attachment);
    for (const lent of packet.lent) this.#lent.push(lent);
  }

  /** Returns the message and starts the next one. */
  take(): OutgoingMessage {
    const message = {
      bytes: this.#writer.bytes.subarray(0, this.#writer.length),
      blobs: this.#blobs,
      attachments: this.#attachments,
      lent: this.#lent,
    };
    this.#writer.length = HEADER_SIZE;
    if (this.#blobs.length > 0) this.#blobs = [];
    if (this.#attachments.length > 0) this.#attachments = [];
    if (this.#lent.length > 0) this.#lent = [];
    // A large message should not hold its memory for ever.
    if (this.#writer.bytes.length > 1 << 20) this.#writer.renew(4096), this.#writer.length = HEADER_SIZE;
    return message;
  }
}

/** The records of a message do not follow each other as they were written: whoever has sent it cannot be trusted. */
export class MalformedMessage extends RangeError {}

/** Reads the records of a message. */
export class IncomingMessage {
  readonly reader: ByteReader;
  readonly #decoder: ValueDecoder;
  readonly #find: ((name: number) => ArrayBufferLike) | undefined;

  /** @param find finds memory that is named and not posted. */
  constructor(
    reader: ByteReader,
    blobs: readonly ArrayBufferLike[],
    attachments: readonly object[],
    find?: (name: number) => ArrayBufferLike,
  ) {
    this.reader = reader;
    this.#decoder = new ValueDecoder(reader, blobs, attachments);
    this.#find = find;
  }

  /** Reads what the next record is. */
  operation(): number {
    const { reader } = this;
    let operation = reader.u8();
    while (operation === BULK) {
      if (this.#find === undefined) throw new MalformedMessage("Cannot find memory by its name here");
      for (let left = reader.u8(); left > 0; left--) this.#decoder.addBlob(this.#find(reader.u8()));
      operation = reader.u8();
    }
    return operation;
  }

  /** Reads the next record if it is the given one, which has no fields. */
  skip(operation: number): boolean {
    const { reader } = this;
    if (!this.more || reader.bytes[reader.position] !== operation) return false;
    reader.position++;
    return true;
  }

  /** How objects of another process are found in it. */
  set references(references: Resolver) {
    this.#decoder.references = references;
  }

  /** Returns what goes back to where the reader stands now. */
  bookmark(): () => void {
    const { position } = this.reader;
    const goBack = this.#decoder.bookmark();
    return () => {
      this.reader.position = position;
      goBack();
    };
  }

  /** Whether there is another record. */
  get more(): boolean {
    return this.reader.position < this.reader.end;
  }

  /**
   * Decodes the next value. A value that does not decode throws, and the reader stands behind it all the same.
   *
   * @throws {MalformedMessage} if there is no value.
   */
  value(): unknown {
    const { reader } = this;
    const left = reader.end - reader.position - SIZE_BYTES;
    const size = left < 0 ? 0 : reader.u32();
    if (size > left) {
      reader.position = reader.end;
      throw new MalformedMessage(`Cannot read a value of ${size} bytes: the message is shorter`);
    }
    const end = reader.position + size;
    try {
      const value = this.#decoder.decode();
      if (reader.position !== end) throw new RangeError("Cannot decode a value that has another size than its bytes");
      return value;
    } catch (error) {
      this.#decoder.loseBulk();
      throw error;
    } finally {
      reader.position = end;
    }
  }
}

/** One end of the channel between a pool and a worker. */
export interface Link {
  /** Sends a message, in order; never waits and never throws because the other side is gone. */
  send(message: OutgoingMessage): void;
  /** Begins the next call; false if it was taken back, which not every link allows. */
  begin?(): boolean;
  /** A `RECALL` has come. Left out, as is `begin`, if the other end must be told which calls were not begun. */
  recalled?(): void;
}
