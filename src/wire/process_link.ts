/**
 * The channel between two processes: frames over a byte stream.
 *
 * A frame is a header (seal, sequence number, size of the records, number of blobs), the sizes of the blobs and their
 * seal, the records and the blobs. A task can write to the same stream as the worker, so an invalid header ends the
 * channel. The seals depend on a key that only the two ends know. A foreign size therefore allocates no memory, and a
 * garbled size never makes the reader wait for its bytes.
 *
 * @module
 */

import { ByteReader, readU32, writeU32 } from "./bytes.ts";
import type { Channel } from "./out_of_band.ts";
import { HEADER_SIZE, IncomingMessage, type Link, type OutgoingMessage } from "./message.ts";

/** Mixed into every seal, so that zeros are no valid frame. */
const MARK = 0x64_64_65_48;
/** The maximum size; a larger one is garbage. */
const LARGEST = 2 ** 40;
/** The maximum number of blobs in a frame. */
const MOST_BLOBS = 2 ** 24;
const EMPTY = new Uint8Array(0);
/** The part of a frame that is being read. */
const HEADER = 0, SIZES = 1, RECORDS = 2, BLOBS = 3;

/** The channel between processes. */
export const processChannel: Channel = {
  scope: "process",
  handsOver: false,
  allocate: (size) => new ArrayBuffer(size),
};

/** One end of the channel. */
export class ProcessLink implements Link {
  readonly #write: (chunks: readonly Uint8Array[]) => void;
  readonly #receive: (message: IncomingMessage) => void;
  readonly #violated: (error: Error) => void;
  #sent = 0;
  #received = 0;
  #state: number = HEADER;
  /** The size of the current part, and the number of its bytes in `#part`. */
  #wanted = HEADER_SIZE;
  #filled = 0;
  #part: Uint8Array = EMPTY;
  #recordsSize = 0;
  #records: Uint8Array = EMPTY;
  #sizes: number[] = [];
  #blobs: ArrayBuffer[] = [];
  #broken = false;
  readonly #key: number;

  /**
   * @param write writes to the stream. The first three chunks are reused after it returns.
   * @param receive called with every message.
   * @param violated called once if the stream carries anything but frames.
   * @param key distinguishes the frames of this channel from other bytes: 32 bits that both ends know.
   */
  constructor(
    write: (chunks: readonly Uint8Array[]) => void,
    receive: (message: IncomingMessage) => void,
    violated: (error: Error) => void,
    key = 0,
  ) {
    this.#key = key;
    this.#write = write;
    this.#receive = receive;
    this.#violated = violated;
  }

  send(message: OutgoingMessage): void {
    const { bytes, blobs } = message;
    const number = this.#sent++ >>> 0;
    const size = bytes.length - HEADER_SIZE;
    writeU32(bytes, 0, seal(this.#key, number, size, blobs.length));
    writeU32(bytes, 4, number);
    writeU32(bytes, 8, size);
    writeU32(bytes, 12, blobs.length);
    if (blobs.length === 0) return this.#write([bytes]);
    const numbers = blobs.map((blob) => blob.byteLength);
    const sizes = new Uint8Array(Float64Array.of(...numbers, sealSizes(this.#key, numbers)).buffer);
    const parts = blobs.map((blob) => new Uint8Array(blob));
    this.#write([bytes.subarray(0, HEADER_SIZE), sizes, bytes.subarray(HEADER_SIZE), ...parts]);
  }

  /** Receives bytes from the stream; the link owns the chunk from now on. */
  accept(chunk: Uint8Array): void {
    let position = 0;
    while (!this.#broken && (position < chunk.length || this.#wanted === 0)) {
      const missing = this.#wanted - this.#filled;
      const count = Math.min(missing, chunk.length - position);
      const piece = chunk.subarray(position, position + count);
      position += count;
      if (count === this.#wanted && this.#state !== BLOBS) {
        // A part that lies in one chunk is used in place.
        this.#part = piece;
      } else {
        if (this.#filled === 0 && !this.#allocate()) return this.#violate();
        this.#part.set(piece, this.#filled);
        this.#filled += count;
        if (this.#filled < this.#wanted) return;
      }
      this.#advance(this.#part);
    }
  }

  /** Allocates memory for a part; returns false if the host cannot, which only a forged header causes. */
  #allocate(): boolean {
    try {
      this.#part = new Uint8Array(this.#wanted);
      return true;
    } catch {
      return false;
    }
  }

  #advance(part: Uint8Array): void {
    switch (this.#state) {
      case HEADER:
        return this.#header(part);
      case SIZES:
        // A copy, because a part may be unaligned. `slice` is the tempting way, but it does not copy a Node Buffer.
        this.#sizes = [...new Float64Array(new Uint8Array(part).buffer)];
        if (this.#sizes.pop() !== sealSizes(this.#key, this.#sizes)) return this.#violate();
        return this.#expect(RECORDS, this.#recordsSize);
      case RECORDS:
        this.#records = part;
        return this.#nextBlob();
      default:
        this.#blobs.push(part.buffer as ArrayBuffer);
        return this.#nextBlob();
    }
  }

  #header(part: Uint8Array): void {
    const number = readU32(part, 4);
    const size = readU32(part, 8);
    const count = readU32(part, 12);
    if (readU32(part, 0) !== seal(this.#key, number, size, count) || number !== this.#received >>> 0) {
      return this.#violate();
    }
    this.#received++;
    this.#recordsSize = size;
    this.#sizes = [];
    this.#blobs = [];
    if (count > MOST_BLOBS) return this.#violate();
    if (count === 0) this.#expect(RECORDS, size);
    else this.#expect(SIZES, (count + 1) * 8);
  }

  #nextBlob(): void {
    if (this.#blobs.length < this.#sizes.length) return this.#expect(BLOBS, this.#sizes[this.#blobs.length]!);
    const message = new IncomingMessage(new ByteReader(this.#records), this.#blobs, []);
    this.#expect(HEADER, HEADER_SIZE);
    this.#receive(message);
  }

  #expect(state: number, size: number): void {
    if (!(Number.isInteger(size) && size >= 0 && size <= LARGEST)) return this.#violate();
    this.#state = state;
    this.#wanted = size;
    this.#filled = 0;
  }

  #violate(): void {
    this.#broken = true;
    this.#violated(
      new Error("Cannot read from a worker process: its channel carries bytes that the worker did not send"),
    );
  }
}

/** Returns a number that only the sender of a header is likely to know. */
function seal(key: number, number: number, size: number, count: number): number {
  return mix(mix(mix(key ^ MARK, number), size), count) >>> 0;
}

function sealSizes(key: number, sizes: readonly number[]): number {
  let sealed = key ^ MARK;
  for (const size of sizes) sealed = mix(mix(sealed, size), size / 2 ** 32);
  return sealed >>> 0;
}

/**
 * Mixes a value into a seal: each bit of either changes about half of the bits (after the finalizer of MurmurHash3;
 * Appleby 2011).
 */
function mix(sealed: number, value: number): number {
  let bits = Math.imul(sealed ^ value, 0x85eb_ca6b);
  bits = Math.imul(bits ^ bits >>> 13, 0xc2b2_ae35);
  return bits ^ bits >>> 16;
}
