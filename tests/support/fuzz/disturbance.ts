// Changes one message at a random point of a fuzz round.

import type { OutgoingMessage } from "../../../src/wire/message.ts";
import type { Random } from "../../core/random.ts";
import { type Before, changeRing, CHUNKS, copyOf, MESSAGES, POSTS } from "./mutations.ts";
import type { Disturber, FakeWorker } from "./workers.ts";

/**
 * The target of a change: the records of a message, a post of a thread, the content of a ring, or bytes of a process.
 */
export type Target = "message" | "post" | "ring" | "chunk";

/** A change that was made. */
export interface Hit {
  readonly worker: FakeWorker;
  readonly target: Target;
  /** Whether the message was on its way to the pool. */
  readonly up: boolean;
  readonly name: string;
}

/** The post that wakes the other end. */
const WAKE = 0;
/** The maximum number of messages to skip before the change, and the number of earlier messages to remember. */
const MOST_SKIPPED = 25, REMEMBERED = 30;

/** Passes on the messages of workers and pools, and changes one of them in each round. */
export class Disturbance implements Disturber {
  readonly #random: Random;
  readonly #before: Before = { messages: [], posts: [], chunks: [] };
  readonly #onHit: (hit: Hit) => void;
  #armed: { target: Target; up: boolean; skip: number } | undefined;
  /** The change of this round, once made. */
  hit: Hit | undefined;
  /** The number of messages passed on. */
  passed = 0;

  constructor(random: Random, onHit: (hit: Hit) => void) {
    this.#random = random;
    this.#onHit = onHit;
  }

  /** Begins a round with a target. */
  arm(target: Target): void {
    const random = this.#random;
    this.hit = undefined;
    this.#armed = { target, up: target === "message" || random.below(3) > 0, skip: random.below(MOST_SKIPPED) };
  }

  /** Ends the round. */
  disarm(): void {
    this.#armed = undefined;
  }

  message(worker: FakeWorker, message: OutgoingMessage, send: (message: OutgoingMessage) => void): void {
    this.passed++;
    remember(this.#before.messages, copyOf(message));
    if (this.#takes(worker, "message", true)) {
      const [name, change] = this.#pick(MESSAGES);
      this.#tell({ worker, target: "message", up: true, name });
      return change(copyOf(message), this.#random, this.#before.messages).forEach(send);
    }
    send(message);
    if (worker.start !== undefined && this.#takes(worker, "ring", true)) this.#changeRing(worker, true);
  }

  post(worker: FakeWorker, up: boolean, data: unknown, post: (data: unknown) => void): void {
    this.passed++;
    if (!up && this.#takes(worker, "ring", up)) this.#changeRing(worker, up);
    remember(this.#before.posts, data);
    if (!this.#takes(worker, "post", up)) return post(data);
    const [name, change] = this.#pick(POSTS);
    this.#tell({ worker, target: "post", up, name });
    change(data, this.#random, this.#before.posts).forEach(post);
    // Deliver a wake-up in any case: without it the worker would not answer.
    if (data === WAKE) post(data);
  }

  bytes(worker: FakeWorker, up: boolean, bytes: Uint8Array, write: (bytes: Uint8Array) => void): void {
    this.passed++;
    remember(this.#before.chunks, bytes.slice());
    if (!this.#takes(worker, "chunk", up)) return write(bytes);
    const [name, change] = this.#pick(CHUNKS);
    this.#tell({ worker, target: "chunk", up, name });
    change(bytes, this.#random, this.#before.chunks).forEach(write);
  }

  #takes({ sent }: FakeWorker, target: Target, up: boolean): boolean {
    const armed = this.#armed;
    // Wait until the worker is ready: a failed setup would end its pool.
    if (armed === undefined || armed.target !== target || armed.up !== up || sent < 2) return false;
    if (armed.skip-- > 0) return false;
    this.#armed = undefined;
    return true;
  }

  #changeRing(worker: FakeWorker, up: boolean): void {
    const { control, data } = worker.start![up ? "up" : "down"];
    const name = changeRing({ control: new Int32Array(control), data: new Uint8Array(data) }, this.#random);
    this.#tell({ worker, target: "ring", up, name });
  }

  #tell(hit: Hit): void {
    this.hit = hit;
    this.#onHit(hit);
  }

  #pick<T>(changes: Record<string, T>): [string, T] {
    return this.#random.pick(Object.entries(changes));
  }
}

function remember<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > REMEMBERED) list.shift();
}
