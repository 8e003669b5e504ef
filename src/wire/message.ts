/**
 * Messages between a pool and its worker: a sequence of records, each an operation and its fields.
 *
 * @module
 */

import { type ByteReader, ByteWriter } from "./bytes.ts";
import { ValueDecoder } from "./decoder.ts";
import type { Packet } from "./out_of_band.ts";
import type { Lent, Resolver } from "./references.ts";

// Operations, numbered in one sequence: first those of the pool, then those of its worker. The objects of a pool that a worker
// uses have the numbers from REQUEST on.

/** Pool to worker: the configuration. The first record of all. */
export const SETUP = 1;
/** Pool to worker: a task and the address of its function. */
export const DEFINE = 2;
/** Pool to worker: run a task. */
export const CALL = 3;
/** Pool to worker: fire a task's signal. */
export const ABORT = 4;
/** Pool to worker: the maximum number of tasks in progress from now on. */
export const CONCURRENCY = 5;
/** Pool to worker: earlier calls that have not begun are recalled. */
export const RECALL = 6;
/** Pool to worker: the number of further values that a stream may send; 0 if its consumer has left. */
export const CREDIT = 7;
/** Pool to worker: the answer to a request: a value, an error, or a permit whose resource stays in the pool. */
export const REPLY = 8;
/** Pool to worker: answer, to show that the event loop turns. */
export const PING = 9;
/** Pool to worker: leave, because there is no work left. */
export const STOP = 10;
/** Both ways, before other records: the names of the memory blocks that belong to them. */
export const BULK = 11;
/** Worker process to pool, as a separate message: the process printed before it sent the following message. */
export const PRINTED = 12;
/** Worker to pool: output of the worker, as a descriptor and bytes. */
export const OUTPUT = 13;
/** Worker to pool: the program to load in the worker does not load, or opens workers of its own. */
export const REFUSED = 14;
/** Worker to pool: the initializer failed. */
export const SETUP_FAILED = 15;
/** Worker to pool: initialized, accepts calls. */
export const READY = 16;
/** Worker to pool: a task runs for the first time; its module is loaded. */
export const STARTED = 17;
/** Worker to pool: a task returned. */
export const DONE = 18;
/** Worker to pool: a task threw, or could not run. */
export const FAILED = 19;
/** Worker to pool: a chunk has run, up to the first error. */
export const CHUNK_DONE = 20;
/** Worker to pool: a task reports progress. */
export const PROGRESS = 21;
/** Worker to pool: a list of values of a stream; one value of a stream. */
export const VALUES = 22, ONE_VALUE = 23;
/** Worker to pool, where the pool cannot see which calls have begun: the recalled calls. */
export const RECALLED = 24;
/** Worker to pool: an error that belongs to no running task. */
export const FAULT = 25;
/** Worker to pool: memory in use, in bytes. */
export const MEMORY = 26;
/** Worker to pool: the answer to a ping. */
export const PONG = 27;
/** Worker to pool: the worker is ending by itself, and has sent the results of all tasks that ended. */
export const LEAVING = 28;
/** Worker to pool: call a method of an object with an answer, call a method without an answer, stop a call. */
export const REQUEST = 29, POST = 30, CANCEL = 31;
/** Worker to pool: release the permit that a call acquired. */
export const GIVE_BACK = 32;
/** Worker to pool: the worker no longer uses an object. */
export const FORGET = 33;

/**
 * Flags of a call. It is a chunk of a map; or a repeated attempt, followed by its number and that of the first call; or
 * a task with another executor's id, followed by the id; or a stream, followed by the number of values it may send; or
 * values of async contexts follow its arguments.
 */
export const FLAGS: {
  readonly chunk: 1;
  readonly repeated: 2;
  readonly named: 4;
  readonly stream: 8;
  readonly carries: 16;
} = {
  chunk: 1,
  repeated: 2,
  named: 4,
  stream: 8,
  carries: 16,
};

/** The number of bytes of a value's size. */
const SIZE_BYTES = 4;

/** The number of bytes at the start of a message that the link uses for its header. */
export const HEADER_SIZE = 16;

/** A message to send. The sender may reuse the bytes once `send` has returned. */
export interface OutgoingMessage {
  /** {@linkcode HEADER_SIZE} bytes for the link, then the records. */
  readonly bytes: Uint8Array;
  readonly blobs: readonly ArrayBufferLike[];
  readonly attachments: readonly object[];
  /** Objects that stay here and that the receiver will use. */
  readonly lent: readonly Lent[];
}

/** Builds messages. */
export class MessageWriter {
  readonly #writer = new ByteWriter(4096);
  #blobs: ArrayBufferLike[] = [];
  #attachments: object[] = [];
  #lent: Lent[] = [];

  constructor() {
    this.#writer.length = HEADER_SIZE;
  }

  /** Whether the next message has no records yet. */
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
    // A large message should not keep its memory forever.
    if (this.#writer.bytes.length > 1 << 20) this.#writer.renew(4096), this.#writer.length = HEADER_SIZE;
    return message;
  }
}

/** The records of a message are not in a valid sequence: its sender cannot be trusted. */
export class MalformedMessage extends RangeError {}

/** Reads the records of a message. */
export class IncomingMessage {
  readonly reader: ByteReader;
  readonly #decoder: ValueDecoder;
  readonly #find: ((name: number) => ArrayBufferLike) | undefined;

  /** @param find finds memory blocks that are sent by name. */
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

  /** Reads the operation of the next record. */
  operation(): number {
    const { reader } = this;
    let operation = reader.u8();
    while (operation === BULK) {
      if (this.#find === undefined) {
        throw new MalformedMessage("Cannot find a memory block: this channel has no named blocks");
      }
      for (let left = reader.u8(); left > 0; left--) this.#decoder.addBlob(this.#find(reader.u8()));
      operation = reader.u8();
    }
    return operation;
  }

  /** Reads the next record if it has the given operation, which has no fields; otherwise returns false. */
  skip(operation: number): boolean {
    const { reader } = this;
    if (!this.more || reader.bytes[reader.position] !== operation) return false;
    reader.position++;
    return true;
  }

  /** Finds objects of other workers. */
  set references(references: Resolver) {
    this.#decoder.references = references;
  }

  /** Returns a function that restores the current position of the reader. */
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
   * Decodes the next value. After a value that does not decode, the reader is at the end of that value.
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
      if (reader.position !== end) throw new RangeError("Cannot decode a value: its size does not match its bytes");
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
  /** Sends a message, in order. It never waits, and does not throw if the other side is gone. */
  send(message: OutgoingMessage): void;
  /** Begins the next call; returns false if it was recalled, which not every link supports. */
  begin?(): boolean;
  /**
   * Called when a `RECALL` has arrived. Like `begin`, it is missing if the pool must be told which calls have not
   * begun.
   */
  recalled?(): void;
}
