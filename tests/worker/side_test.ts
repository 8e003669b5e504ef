// Tests that a worker that receives invalid data ends, so that the pool gives its tasks to another one.

import { test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { ByteReader } from "../../src/wire/bytes.ts";
import * as op from "../../src/wire/message.ts";
import { HEADER_SIZE, IncomingMessage, MessageWriter, type OutgoingMessage } from "../../src/wire/message.ts";
import { ProcessLink } from "../../src/wire/process_link.ts";
import { ringMemory } from "../../src/wire/ring.ts";
import { ThreadLink } from "../../src/wire/thread_link.ts";
import { buffersOf, processSide, type Side, threadSide } from "../../src/worker/side.ts";
import { until } from "../support/poll.ts";
import { encode } from "../wire/values.ts";

const KEY = 7;

/** A worker's side, its pool's end, and the outcome. */
interface Stage {
  readonly codes: number[];
  readonly side: Side;
  /** The reported errors. */
  readonly faults: string[];
  send(message: OutgoingMessage): void;
  /** Delivers data that no link sends. */
  garble(): void;
}

function thread(): Stage {
  const [up, down] = [ringMemory(), ringMemory()];
  let take!: (data: unknown) => void;
  const codes: number[] = [];
  const faults: string[] = [];
  const parent = {
    post: (data: unknown) => pool.accept(data),
    listen: (message: (data: unknown) => void) => void (take = message),
  };
  const pool = new ThreadLink(
    (data) => take(data),
    { out: down, in: up },
    (message) => read(message, faults),
    () => {},
  );
  const start = { up: buffersOf(up), down: buffersOf(down), mark: 0, printing: undefined };
  const side = threadSide(parent, start, { leave: () => {}, exit: (code) => codes.push(code) });
  side.listen();
  const garble = () => take({ mark: 0, position: "far" });
  return { codes, side, faults, send: (message) => pool.send(message), garble };
}

function process(): Stage {
  let take!: (chunk: Uint8Array) => void;
  const codes: number[] = [];
  const faults: string[] = [];
  const parent = {
    writeSync: (bytes: Uint8Array) => pool.accept(bytes.slice()),
    printed: () => false,
    listen: (data: (chunk: Uint8Array) => void) => void (take = data),
  };
  const pool = new ProcessLink(
    (chunks) => chunks.forEach((chunk) => take(chunk.slice())),
    (message) => read(message, faults),
    () => {},
    KEY,
  );
  const side = processSide(parent, KEY, { leave: () => {}, exit: (code) => codes.push(code) });
  side.listen();
  return { codes, side, faults, send: (message) => pool.send(message), garble: () => take(new Uint8Array(64)) };
}

function read(message: IncomingMessage, faults: string[]): void {
  while (message.more) if (message.operation() === op.FAULT) faults.push((message.value() as Error).message);
}

function messageOf(write: (writer: MessageWriter) => void): OutgoingMessage {
  const writer = new MessageWriter();
  write(writer);
  return writer.take();
}

for (const [name, open] of [["threadSide", thread], ["processSide", process]] as const) {
  test(`${name} ends its worker at an unknown operation, and reports that`, () => {
    const { codes, faults, send } = open();
    send(messageOf((writer) => void writer.record(200)));
    assertEquals(codes, [1]);
    assertMatch(faults[0]!, /operation of kind 200/);
  });

  test(`${name} ends its worker at data that no pool sends`, () => {
    const { codes, faults, garble } = open();
    garble();
    assertEquals([codes, faults.length], [[1], 1]);
  });

  test(`${name} ends its worker at a call whose arguments are longer than the message`, () => {
    const { codes, send } = open();
    send(messageOf((writer) => {
      const record = writer.record(op.CALL);
      record.u32(1), record.u32(1), record.u8(0), record.u32(1_000);
    }));
    assertEquals(codes, [1]);
  });

  test(`${name} ends its worker at the answer to a call that it has not made`, () => {
    const { codes, send } = open();
    send(messageOf((writer) => {
      const record = writer.record(op.REPLY);
      record.u32(1), record.u8(0);
      writer.value(encode("answer"));
    }));
    assertEquals(codes, [1]);
  });

  test(`${name} ends its worker at an invalid message that had to wait for a module`, async () => {
    const { codes, side } = open();
    const writer = new MessageWriter();
    const record = writer.record(op.CALL);
    record.u32(1), record.u32(1), record.u8(0);
    // Send a reference to an object of an unregistered kind.
    const handle = messageOf((part) => {
      const fields = part.record(23);
      fields.string("Nothing"), fields.string("data:text/javascript,export{}");
    }).bytes.subarray(HEADER_SIZE);
    record.u32(handle.length);
    record.raw(handle);
    writer.record(200);
    const { bytes } = writer.take();
    side.runner.receive(new IncomingMessage(new ByteReader(bytes.slice(HEADER_SIZE)), [], []));
    await until("the message is read again", () => codes.length > 0);
    assertEquals(codes, [1]);
  });
}
