import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { store } from "../../src/core/cell.ts";
import type { Packet } from "../../src/wire/out_of_band.ts";
import { type IncomingMessage, MessageWriter, type OutgoingMessage } from "../../src/wire/message.ts";
import { ringMemory } from "../../src/wire/ring.ts";
import { threadChannel, ThreadLink } from "../../src/wire/thread_link.ts";
import { type Random, seeded } from "../core/random.ts";
import { encode } from "./values.ts";

/** More bytes than a message carries inline. */
const BULK = 20_000;
/** The control cell with the write position of a ring. */
const TAIL = 1;

/** Two links and a port between them, which delivers messages when the test says so. */
class Line {
  readonly posted: { data: unknown; transfer: readonly object[] }[] = [];
  readonly later: (() => void)[] = [];
  readonly arrived: unknown[] = [];
  readonly sender: ThreadLink;
  readonly receiver: ThreadLink;
  /** An error that the port throws for the next message. */
  portError: Error | undefined;

  constructor() {
    const there = ringMemory(), back = ringMemory();
    const post = (data: unknown, transfer: readonly object[]) => {
      const error = this.portError;
      this.portError = undefined;
      if (error !== undefined) throw error;
      this.posted.push({ data, transfer });
    };
    const later = (fn: () => void) => void this.later.push(fn);
    this.sender = new ThreadLink(post, { out: there, in: back }, () => {}, later);
    this.receiver = new ThreadLink(() => {}, { out: back, in: there }, (message) => this.receive(message), later);
  }

  receive(message: IncomingMessage): void {
    while (message.more) {
      message.operation();
      try {
        this.arrived.push(message.value());
      } catch (error) {
        this.arrived.push(error);
      }
    }
  }

  /** Delivers the next posted message. */
  deliver(): void {
    this.receiver.accept(this.posted.shift()!.data);
  }

  /** Delivers everything, in as many turns as necessary. */
  settle(): void {
    while (this.posted.length > 0 || this.later.length > 0) {
      if (this.posted.length > 0) this.deliver();
      else this.later.shift()!();
    }
  }
}

function messageOf(...values: unknown[]): OutgoingMessage {
  return messageFrom(...values.map((value) => encode(value, threadChannel(false))));
}

function messageFrom(...packets: Packet[]): OutgoingMessage {
  const writer = new MessageWriter();
  for (const packet of packets) {
    writer.record(1);
    writer.value(packet);
  }
  return writer.take();
}

function bulk(id: number): Uint8Array {
  return new Uint8Array(BULK).fill(id);
}

function idOf(value: unknown): number {
  return value instanceof Uint8Array ? value[0]! : Number(value);
}

test("ThreadLink.send() wakes a sleeping reader once for any number of small messages", () => {
  const line = new Line();
  for (let i = 0; i < 100; i++) line.sender.send(messageOf(i));
  assertEquals(line.posted.length, 1);
  line.settle();
  assertEquals(line.arrived, Array.from({ length: 100 }, (_, i) => i));
  assert(line.sender.drained);
});

test("ThreadLink.send() wakes the reader again after it went back to sleep", () => {
  const line = new Line();
  for (let i = 0; i < 3; i++) {
    line.sender.send(messageOf(i));
    assertEquals(line.posted.length, 1);
    line.settle();
  }
  assertEquals(line.arrived, [0, 1, 2]);
});

test("ThreadLink.rouse() wakes a sleeping reader once, and later messages need no further wake-up", () => {
  const line = new Line();
  line.sender.wake();
  line.sender.wake();
  line.sender.send(messageOf(1));
  assertEquals(line.posted.length, 1);
  line.settle();
  assertEquals(line.arrived, [1]);
});

test("ThreadLink.send() wakes a reader that was roused too early and sleeps again", () => {
  const line = new Line();
  line.sender.wake();
  line.settle();
  line.sender.send(messageOf(1));
  assertEquals(line.posted.length, 1);
  line.settle();
  assertEquals(line.arrived, [1]);
});

test("ThreadLink.drain() reads again in a later turn if a message came while it delivered", () => {
  const line = new Line();
  line.receive = (message) => {
    Line.prototype.receive.call(line, message);
    if (line.arrived.length < 3) line.sender.send(messageOf(line.arrived.length));
  };
  line.sender.send(messageOf(0));
  line.deliver();
  assertEquals([line.arrived.length, line.posted.length, line.later.length], [1, 0, 1]);
  line.settle();
  assertEquals(line.arrived, [0, 1, 2]);
});

test("ThreadLink.send() copies, so that the message can be rewritten at once", () => {
  for (const size of [10, 200_000]) {
    const line = new Line();
    const message = messageOf("x".repeat(size));
    line.sender.send(message);
    message.bytes.fill(0);
    line.settle();
    assertEquals(line.arrived, ["x".repeat(size)]);
  }
});

test("ThreadLink posts messages that are large or have attachments, and transfers unshared memory", () => {
  const line = new Line();
  const memory = new SharedArrayBuffer(8);
  line.sender.send(messageOf(bulk(1)));
  line.sender.send(messageOf("x".repeat(200_000)));
  line.sender.send(messageOf(memory));
  assertEquals(line.posted.map(({ transfer }) => transfer.length), [0, 0, 0]);
  const port = { pretends: "to be a port" };
  line.sender.send(messageFrom({ ...encode(null), attachments: [port, memory] }));
  assertEquals(line.posted[3]!.transfer, [port]);
  line.settle();
  assertEquals([idOf(line.arrived[0]), (line.arrived[1] as string).length], [1, 200_000]);
  assertStrictEquals(line.arrived[2], memory);
});

test("ThreadLink posts small messages too while the ring is full, and keeps their order", () => {
  const line = new Line();
  const sent = Array.from({ length: 40 }, (_, i) => i % 2 === 0 ? "x".repeat(9_000) + i : String(i));
  for (const value of sent) line.sender.send(messageOf(value));
  assert(line.posted.length > 1, "the ring never got full");
  line.settle();
  assertEquals(line.arrived, sent);
});

test("ThreadLink delivers a posted message in order with the messages of the ring", () => {
  const line = new Line();
  for (const value of [1, bulk(2), 3, bulk(4), bulk(5), 6]) line.sender.send(messageOf(value));
  // Deliver the wake-up first: the ring holds 1, 3 and 6, but 2 is still on its way.
  line.deliver();
  assertEquals(line.arrived.map(idOf).filter((id) => id > 1), []);
  line.settle();
  assertEquals(line.arrived.map(idOf), [1, 2, 3, 4, 5, 6]);
});

test("ThreadLink delivers each posted message when it arrives, regardless of later ones", () => {
  const line = new Line();
  for (const value of [bulk(1), 2, bulk(3), 4]) line.sender.send(messageOf(value));
  line.posted.splice(0, line.posted.length, ...line.posted.filter(({ data }) => data !== 0));
  line.deliver();
  assertEquals(line.arrived.map(idOf), [1]);
  line.deliver();
  assertEquals(line.arrived.map(idOf), [1, 2, 3, 4]);
});

test("ThreadLink sends a message without attachments that the port refuses, and the rest arrives", () => {
  const line = new Line();
  const memory = new SharedArrayBuffer(8);
  line.portError = new DOMException("It cannot be handed over", "DataCloneError");
  line.sender.send(messageOf("before", { memory }, "behind"));
  line.sender.send(messageOf("next"));
  line.settle();
  const [before, refused, behind, next] = line.arrived;
  assert(refused instanceof Error, "the attachment did not arrive");
  assertEquals([before, behind, next], ["before", "behind", "next"]);
});

test("ThreadLink.accept() ignores messages that others post to the same port", () => {
  const line = new Line();
  line.sender.send(messageOf(1));
  for (const stray of [null, undefined, 1, "text", {}, [], { bytes: new ArrayBuffer(8) }, { position: 0 }]) {
    line.receiver.accept(stray);
  }
  line.settle();
  assertEquals(line.arrived, [1]);
});

test("ThreadLink.accept() ignores a message without the mark, whatever else it has", () => {
  const line = new Line();
  const like = { position: 0, bytes: new SharedArrayBuffer(8), blobs: [], names: [], attachments: [] };
  for (const stray of [like, { ...like, mark: 1 }, { bytes: new SharedArrayBuffer(0) }]) {
    line.receiver.accept(stray);
  }
  line.sender.send(messageOf(bulk(1)));
  line.settle();
  assertEquals(line.arrived.length, 1);
});

test("ThreadLink.accept() throws at a message with the mark that is not valid", () => {
  const bulky = () => {
    const line = new Line();
    line.sender.send(messageOf(bulk(1)));
    return { line, data: line.posted.shift()!.data as Record<string, unknown> };
  };
  const changes: Record<string, unknown>[] = [
    { position: "far" },
    { position: NaN },
    { position: 2 ** 31 - 1 },
    { position: 10 },
    { bytes: new ArrayBuffer(8) },
    { blobs: undefined },
    { blobs: [1, 2] },
    { names: "text" },
    { names: [7] },
    { names: [0], blobs: [new ArrayBuffer(8)] },
    { attachments: [1] },
  ];
  for (const change of changes) {
    const { line, data } = bulky();
    assertThrows(() => line.receiver.accept({ ...data, ...change }), RangeError, undefined, JSON.stringify(change));
  }
  const { line, data } = bulky();
  line.receiver.accept(data);
  assertThrows(() => line.receiver.accept(data), RangeError, "not announced");
  assertEquals(line.arrived.length, 1);
});

test("ThreadLink.skip() throws the error of a message that may come from the other thread", () => {
  const line = new Line();
  const error = new Error("not readable");
  line.receiver.skip(error);
  line.sender.send(messageOf(bulk(1)));
  assertThrows(() => line.receiver.skip(error), Error, "not readable");
  line.settle();
  line.receiver.skip(error);
  assertEquals(line.arrived.length, 1);
});

test("ThreadLink throws at a ring that claims more bytes than it holds", () => {
  const memory = ringMemory();
  const link = new ThreadLink(() => {}, { out: ringMemory(), in: memory }, () => {}, () => {});
  store(memory.control, TAIL, memory.data.length + 1);
  assertThrows(() => link.look(), RangeError);
  store(memory.control, TAIL, -1);
  assertThrows(() => link.look(), RangeError);
});

test("ThreadLink.drainLast() delivers the messages that a thread left in the ring", () => {
  const line = new Line();
  line.sender.send(messageOf(1));
  line.sender.send(messageOf(2));
  line.posted.length = 0;
  line.receiver.drainLast();
  assertEquals(line.arrived, [1, 2]);
});

test("ThreadLink.drainLast() delivers as much as it can if a posted message is lost", () => {
  const line = new Line();
  for (const value of [1, bulk(2), 3]) line.sender.send(messageOf(value));
  line.posted.length = 0;
  line.receiver.drainLast();
  assertEquals(line.arrived, [1, 3]);
});

for (const seed of [1, 2, 3, 4]) {
  test(`ThreadLink keeps the order of 2,000 messages at any arrival (seed ${seed})`, () => shuffle(seeded(seed)));
}

function shuffle(random: Random): void {
  const line = new Line();
  let sent = 0;
  while (sent < 2_000) {
    const action = random.next();
    if (action < 0.55) {
      line.sender.send(messageOf(random.next() < 0.8 ? sent++ : Uint32Array.from([sent++, ...Array(5_000)])));
    } else if (action < 0.6) line.sender.send(messageOf(...Array.from({ length: random.below(2_000) }, () => sent++)));
    else if (action < 0.9 && line.posted.length > 0) line.deliver();
    else line.later.shift()?.();
  }
  line.settle();
  const ids = line.arrived.map((value) => value instanceof Uint32Array ? value[0] : value);
  assertEquals(ids.length, sent);
  assertEquals(ids.findIndex((id, i) => id !== i), -1, "out of order");
}

test("threadChannel() allocates memory that is transferred, or shared by both threads", () => {
  const [moving, sharing] = [threadChannel(true), threadChannel(false)];
  assert(moving.allocate(4) instanceof ArrayBuffer);
  assert(sharing.allocate(4) instanceof SharedArrayBuffer);
  assertEquals([moving.scope, moving.handsOver, sharing.handsOver], ["thread", true, false]);
});
