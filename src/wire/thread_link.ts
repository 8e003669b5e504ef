/**
 * The channel between two threads: a ring each way for what is small, messages for what is bulky, in one order.
 *
 * @module
 */

import { Patience } from "../core/patience.ts";
import { runtime } from "../runtime/mod.ts";
import { ByteReader } from "./bytes.ts";
import type { Channel } from "./baggage.ts";
import { KnownMemory } from "./known_memory.ts";
import { BULK, HEADER_SIZE, IncomingMessage, type Link, type OutgoingMessage } from "./message.ts";
import { takeMemory } from "./spare_memory.ts";
import { type RingMemory, RingReader, RingWriter } from "./ring.ts";

/** A message that went past the ring. */
interface Posted {
  /** Tells it from what tasks post to the same port, as only the two links know it. */
  readonly mark: number;
  /** How far the ring was written when it was posted. */
  readonly position: number;
  readonly bytes: SharedArrayBuffer;
  readonly blobs: readonly ArrayBufferLike[];
  /** What the blobs are called from now on. */
  readonly names: readonly number[];
  readonly attachments: readonly object[];
}

/** Wakes the other thread; it then looks into its ring. */
const WAKE = 0;

/**
 * How values travel between threads. Where buffers can be handed over, bulk is copied once and then belongs to the other
 * thread; elsewhere it lies in shared memory, and the other thread copies it out.
 */
export function threadChannel(handsOver: boolean): Channel {
  return {
    scope: "thread",
    handsOver,
    allocate: (size) => handsOver ? new ArrayBuffer(size) : takeMemory(size),
  };
}

/** Whether and how long to look for more before sleeping. */
export interface LookOptions {
  /** Whether nothing but this channel needs the thread: no other thread may look. */
  readonly idle?: () => boolean;
  /** The longest look, in milliseconds. */
  readonly longestLook?: number;
}

/** What the two ends of a channel have in common. */
export interface Line {
  readonly out: RingMemory;
  readonly in: RingMemory;
  /** A number that nobody else knows. */
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
  readonly #patience: Patience;
  readonly #mark: number;
  readonly #memory = new KnownMemory();
  readonly #find = (name: number): SharedArrayBuffer => this.#memory.find(name);
  /** When this thread began to wait for more; undefined once more has come. */
  #waitsSince: number | undefined;
  #awake = false;
  #posted: Posted[] = [];
  #received = 0;

  /**
   * @param post posts to the other thread.
   * @param receive is given every message, in order.
   * @param later runs a function in a later turn of the loop.
   */
  constructor(
    post: (data: unknown, transfer: readonly object[]) => void,
    line: Line,
    receive: (message: IncomingMessage) => void,
    later: (fn: () => void) => void,
    { idle = () => false, longestLook }: LookOptions = {},
  ) {
    this.#post = post;
    this.#out = new RingWriter(line.out);
    this.#in = new RingReader(line.in);
    this.#mark = line.mark ?? 0;
    this.#receive = receive;
    this.#later = later;
    this.#idle = idle;
    this.#patience = new Patience(longestLook);
  }

  /** Whether the other thread has looked at everything that was sent through the ring. */
  get drained(): boolean {
    return this.#out.drained;
  }

  /** How many of the calls it was sent the other thread has not begun. */
  unbegun(calls: number): number {
    return this.#out.unbegun(calls);
  }

  /** Takes those back, and returns how many there are; a `RECALL` is to follow. */
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
    if (attachments.length === 0 && this.#write(message)) return this.rouse();
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
      // Something in it cannot be handed over, and the reader waits for it: what needs it will fail to decode.
      this.#post({ ...posted, attachments: [] }, blobs.filter(isHandedOver));
    }
  }

  /** Writes a message to the ring, if there is room for it and all that belongs to it has a name. */
  #write({ bytes, blobs }: OutgoingMessage): boolean {
    if (blobs.length === 0) return this.#out.write(bytes.subarray(HEADER_SIZE));
    const start = HEADER_SIZE - blobs.length - 2;
    if (start < 0 || !this.#out.fits(bytes.length - start)) return false;
    const names = this.#memory.names(blobs);
    if (names === undefined) return false;
    bytes.set([BULK, blobs.length, ...names], start);
    return this.#out.write(bytes.subarray(start));
  }

  /** Wakes the other thread, for which something is about to be sent. */
  rouse(): void {
    if (this.#out.takeWake()) this.#post(WAKE, []);
  }

  /** Needs no wake-up from now on, as the caller looks by itself, until it drains. */
  stayAwake(): void {
    this.#awake = true;
    this.#in.wake();
  }

  /** Delivers what has arrived through the ring. */
  look(): void {
    if (this.#in.limit !== this.#in.position) this.#deliver();
  }

  /** Goes back to being woken. */
  rest(): void {
    this.#awake = false;
    this.drain();
  }

  /** Takes what the other thread posted. */
  accept(data: unknown): void {
    if (data === WAKE) {
      this.#cameAt(runtime.now());
      return this.drain();
    }
    // A task may post to the same port: what is not ours is not looked at.
    if (!hasMark(data, this.#mark)) return;
    if (!isPosted(data)) throw new RangeError("Cannot read a posted message: it has not the fields of one");
    if (this.#received === this.#in.posted) throw new RangeError("Cannot read a posted message that was not announced");
    this.#posted.push(data);
    this.#received++;
    this.drain();
  }

  /** Passes over a message that cannot be read, unless it may be one of the other thread's: then it throws the error. */
  skip(error: unknown): void {
    if (this.#received !== this.#in.posted) throw error;
  }

  /** Delivers everything that has arrived, then sleeps. */
  drain(): void {
    if (!this.#deliver() || this.#awake) return;
    const more = this.#idle() && this.#wait();
    if (more && !this.#deliver()) return;
    // Another round in another turn: what was delivered may have work to do, and so may the rest of the program.
    if (more || !this.#in.sleep()) this.#later(() => this.drain());
  }

  /** Looks for more for a moment, with the thread doing nothing else; true if there is more, in the ring or posted. */
  #wait(): boolean {
    const start = runtime.now();
    const end = start + this.#patience.time;
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

  /** Delivers what is left of a thread that is gone, whether or not everything it posted has arrived. */
  drainLast(): void {
    this.#received = this.#in.posted;
    this.#deliver();
  }

  #cameAt(time: number): void {
    if (this.#waitsSince === undefined) return;
    this.#patience.learn(time - this.#waitsSince);
    this.#waitsSince = undefined;
  }

  /** Delivers in the order of sending; false if a posted message is still on its way, whose arrival drains again. */
  #deliver(): boolean {
    const limit = this.#in.limit;
    const complete = this.#in.posted === this.#received;
    for (const posted of this.#posted.splice(0)) {
      if (((limit - posted.position) | 0) < 0) throw new RangeError("Cannot read a ring beyond what was written to it");
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

/** Shared memory is seen by both threads; everything else beside a message goes over to the other one. */
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
