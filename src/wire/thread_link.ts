/**
 * The channel between two threads: a ring in each direction for small messages, posted messages for large ones, in one
 * order.
 *
 * @module
 */

import { SpinTime } from "../core/spin_time.ts";
import { runtime } from "../runtime/mod.ts";
import { ByteReader } from "./bytes.ts";
import type { Channel } from "./out_of_band.ts";
import { KnownMemory } from "./known_memory.ts";
import { BULK, HEADER_SIZE, IncomingMessage, type Link, type OutgoingMessage } from "./message.ts";
import { takeMemory } from "./spare_memory.ts";
import { type RingMemory, RingReader, RingWriter } from "./ring.ts";

/** A message that was posted instead of written to the ring. */
interface Posted {
  /** Distinguishes it from messages that tasks post to the same port: only the two links know the mark. */
  readonly mark: number;
  /** The position of the ring's writer when the message was posted. */
  readonly position: number;
  readonly bytes: SharedArrayBuffer;
  readonly blobs: readonly ArrayBufferLike[];
  /** The names of the blobs from now on. */
  readonly names: readonly number[];
  readonly attachments: readonly object[];
}

/** Wakes the other thread, which then reads its ring. */
const WAKE = 0;

/**
 * Returns the channel between threads. If buffers can be handed over, large data is copied once and then belongs to the
 * receiver. Otherwise it is placed in shared memory, and the receiver copies it out.
 */
export function threadChannel(handsOver: boolean): Channel {
  return {
    scope: "thread",
    handsOver,
    allocate: (size) => handsOver ? new ArrayBuffer(size) : takeMemory(size),
  };
}

/** Options of the spin before a thread sleeps. */
export interface SpinOptions {
  /** Whether the thread has no other work. A thread with other work must not spin. */
  readonly idle?: () => boolean;
  /** The maximum duration of a spin, in milliseconds. */
  readonly maxSpin?: number;
}

/** The state that the two ends of a channel share. */
export interface ChannelMemory {
  readonly out: RingMemory;
  readonly in: RingMemory;
  /** A number that only the two ends know. */
  readonly mark?: number;
}

/** One end of the channel. */
export class ThreadLink implements Link {
  readonly #post: (data: unknown, transfer: readonly object[]) => void;
  readonly #out: RingWriter;
  readonly #in: RingReader;
  readonly #receive: (message: IncomingMessage) => void;
  readonly #later: (fn: () => void) => void;
  readonly #idle: () => boolean;
  readonly #spinTime: SpinTime;
  readonly #mark: number;
  readonly #memory = new KnownMemory();
  readonly #find = (name: number): SharedArrayBuffer => this.#memory.find(name);
  /** The time when this thread began to wait for more; undefined once more has arrived. */
  #waitsSince: number | undefined;
  #awake = false;
  #posted: Posted[] = [];
  #received = 0;

  /**
   * @param post posts to the other thread.
   * @param receive called with every message, in order.
   * @param later runs a function in a later turn of the event loop.
   */
  constructor(
    post: (data: unknown, transfer: readonly object[]) => void,
    channel: ChannelMemory,
    receive: (message: IncomingMessage) => void,
    later: (fn: () => void) => void,
    { idle = () => false, maxSpin }: SpinOptions = {},
  ) {
    this.#post = post;
    this.#out = new RingWriter(channel.out);
    this.#in = new RingReader(channel.in);
    this.#mark = channel.mark ?? 0;
    this.#receive = receive;
    this.#later = later;
    this.#idle = idle;
    this.#spinTime = new SpinTime(maxSpin);
  }

  /** Whether the other thread has read everything that was sent through the ring. */
  get drained(): boolean {
    return this.#out.drained;
  }

  /** Returns how many of the calls that were sent the other thread has not begun. */
  unbegun(calls: number): number {
    return this.#out.unbegun(calls);
  }

  /** Recalls those calls and returns their number; the caller must send a `RECALL`. */
  recall(calls: number): number {
    return this.#out.recall(calls);
  }

  begin(): boolean {
    return this.#in.begin();
  }

  recalled(): void {
    this.#in.recalled();
  }

  send(message: OutgoingMessage): void {
    const { blobs, attachments } = message;
    if (attachments.length === 0 && this.#write(message)) return this.wake();
    const bytes = message.bytes.subarray(HEADER_SIZE);
    const shared = new SharedArrayBuffer(bytes.length);
    new Uint8Array(shared).set(bytes);
    const posted: Posted = {
      mark: this.#mark,
      position: this.#out.position,
      bytes: shared,
      blobs,
      names: this.#memory.introduce(blobs),
      attachments,
    };
    this.#out.countPosted();
    try {
      this.#post(posted, [...blobs, ...attachments].filter(isHandedOver));
    } catch {
      // An attachment cannot be transferred. The reader waits for this message, so it is posted without attachments,
      // and the values that need them fail to decode.
      this.#post({ ...posted, attachments: [] }, blobs.filter(isHandedOver));
    }
  }

  /** Writes a message to the ring; returns false if it does not fit or one of its blobs has no name. */
  #write({ bytes, blobs }: OutgoingMessage): boolean {
    if (blobs.length === 0) return this.#out.write(bytes.subarray(HEADER_SIZE));
    const start = HEADER_SIZE - blobs.length - 2;
    if (start < 0 || !this.#out.fits(bytes.length - start)) return false;
    const names = this.#memory.names(blobs);
    if (names === undefined) return false;
    bytes.set([BULK, blobs.length, ...names], start);
    return this.#out.write(bytes.subarray(start));
  }

  /** Wakes the other thread before a message is sent to it. */
  wake(): void {
    if (this.#out.takeWake()) this.#post(WAKE, []);
  }

  /** Disables wake-ups: the caller polls with `look` until it calls `rest`. */
  stayAwake(): void {
    this.#awake = true;
    this.#in.wake();
  }

  /** Delivers messages that have arrived through the ring. */
  look(): void {
    if (this.#in.limit !== this.#in.position) this.#deliver();
  }

  /** Enables wake-ups again. */
  rest(): void {
    this.#awake = false;
    this.drain();
  }

  /** Receives data that the other thread posted. */
  accept(data: unknown): void {
    if (data === WAKE) {
      this.#cameAt(runtime.now());
      return this.drain();
    }
    // A task may post to the same port; messages without the mark are ignored.
    if (!hasMark(data, this.#mark)) return;
    if (!isPosted(data)) throw new RangeError("Cannot read a posted message: its fields are invalid");
    if (this.#received === this.#in.posted) throw new RangeError("Cannot read a posted message: it was not announced");
    this.#posted.push(data);
    this.#received++;
    this.drain();
  }

  /** Ignores an unreadable message. If it may come from the other link, throws the error instead. */
  skip(error: unknown): void {
    if (this.#received !== this.#in.posted) throw error;
  }

  /** Delivers everything that has arrived, then sleeps. */
  drain(): void {
    if (!this.#deliver() || this.#awake) return;
    const more = this.#idle() && this.#wait();
    if (more && !this.#deliver()) return;
    // Continues in another turn: delivered messages and other code of the program may have work to do.
    if (more || !this.#in.sleep()) this.#later(() => this.drain());
  }

  /** Spins for a moment, blocking the thread; returns true if there is more in the ring or posted. */
  #wait(): boolean {
    const start = runtime.now();
    const end = start + this.#spinTime.time;
    this.#waitsSince = start;
    let came = false;
    do {
      for (let looks = 50; looks > 0 && !came; looks--) {
        came = this.#in.limit !== this.#in.position || this.#in.posted !== this.#received;
      }
    } while (!came && runtime.now() < end);
    if (came) this.#cameAt(runtime.now());
    return came;
  }

  /** Delivers the remaining messages of a thread that is gone, even if a posted one is missing. */
  drainLast(): void {
    this.#received = this.#in.posted;
    this.#deliver();
  }

  #cameAt(time: number): void {
    if (this.#waitsSince === undefined) return;
    this.#spinTime.learn(time - this.#waitsSince);
    this.#waitsSince = undefined;
  }

  /**
   * Delivers in the order of sending. Returns false if a posted message is still on its way; its arrival drains again.
   */
  #deliver(): boolean {
    const limit = this.#in.limit;
    const complete = this.#in.posted === this.#received;
    for (const posted of this.#posted.splice(0)) {
      if (((limit - posted.position) | 0) < 0) {
        throw new RangeError("Cannot read from a ring: the position is beyond the written bytes");
      }
      this.#deliverRing(posted.position);
      const bytes = new Uint8Array(posted.bytes.byteLength);
      bytes.set(new Uint8Array(posted.bytes));
      this.#memory.meet(posted.blobs, posted.names);
      this.#receive(new IncomingMessage(new ByteReader(bytes), posted.blobs, posted.attachments));
    }
    if (complete) this.#deliverRing(limit);
    return complete;
  }

  #deliverRing(limit: number): void {
    if (((limit - this.#in.position) | 0) <= 0) return;
    this.#receive(new IncomingMessage(new ByteReader(this.#in.take(limit)), [], [], this.#find));
  }
}

/** Both threads see shared memory; all other out-of-band objects are transferred. */
function isHandedOver(item: object): boolean {
  return !(item instanceof SharedArrayBuffer);
}

function hasMark(data: unknown, mark: number): data is Partial<Posted> {
  return typeof data === "object" && data !== null && (data as Partial<Posted>).mark === mark;
}

function isPosted(data: Partial<Posted>): data is Posted {
  const { position, bytes, blobs, names, attachments } = data;
  return Number.isInteger(position) && bytes instanceof SharedArrayBuffer &&
    isListOf(blobs, isMemory) && isListOf(names, Number.isInteger) && isListOf(attachments, isObject);
}

function isListOf(value: unknown, fits: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(fits);
}

function isMemory(item: unknown): boolean {
  return item instanceof ArrayBuffer || item instanceof SharedArrayBuffer;
}

function isObject(item: unknown): boolean {
  return typeof item === "object" && item !== null;
}
