import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { ByteReader } from "../../src/wire/bytes.ts";
import { ValueEncoder } from "../../src/wire/encoder.ts";
import * as message from "../../src/wire/message.ts";
import { HEADER_SIZE, IncomingMessage, MessageWriter, type OutgoingMessage } from "../../src/wire/message.ts";
import { processChannel } from "../../src/wire/process_link.ts";
import { threadChannel } from "../../src/wire/thread_link.ts";

/** More bytes than a message carries inline. */
const BULK = 20_000;

function arrived({ bytes, blobs, attachments }: OutgoingMessage): IncomingMessage {
  return new IncomingMessage(new ByteReader(bytes.slice(HEADER_SIZE)), blobs, attachments);
}

test("Operations are unique bytes", () => {
  const { HEADER_SIZE: _, ...rest } = message;
  const operations = Object.values(rest).filter((value) => typeof value === "number");
  assert(operations.length >= 15);
  assertEquals(new Set(operations).size, operations.length);
  for (const operation of operations) assert(Number.isInteger(operation) && operation > 0 && operation < 256);
});

test("MessageWriter writes records that IncomingMessage reads in order", () => {
  const writer = new MessageWriter();
  const encoder = new ValueEncoder(processChannel);
  writer.record(message.CALL).u32(1);
  writer.value(encoder.encode(["first"], "args"));
  writer.record(message.CALL).u32(2);
  writer.value(encoder.encode({ second: 2 }, "args"));
  const incoming = arrived(writer.take());
  const { reader } = incoming;
  assertEquals([reader.u8(), reader.u32(), incoming.value()], [message.CALL, 1, ["first"]]);
  assert(incoming.more);
  assertEquals([reader.u8(), reader.u32(), incoming.value()], [message.CALL, 2, { second: 2 }]);
  assert(!incoming.more);
});

test("MessageWriter.take() starts the next message", () => {
  const writer = new MessageWriter();
  assert(writer.empty);
  writer.record(message.PING);
  assert(!writer.empty);
  assertEquals(writer.take().bytes.length, HEADER_SIZE + 1);
  assert(writer.empty);
  writer.record(message.PONG);
  assertEquals(arrived(writer.take()).reader.u8(), message.PONG);
});

test("MessageWriter hands its blobs and attachments over with the message", () => {
  const writer = new MessageWriter();
  const encoder = new ValueEncoder(threadChannel(false));
  const memory = new SharedArrayBuffer(8);
  for (const fill of [1, 2]) {
    writer.record(message.DONE);
    writer.value(encoder.encode([new Uint8Array(BULK).fill(fill), memory], "result"));
  }
  const first = writer.take();
  writer.record(message.PONG);
  const second = writer.take();
  assertEquals([first.blobs.length, first.attachments], [2, [memory, memory]]);
  assertEquals([second.blobs.length, second.attachments.length], [0, 0]);
  const incoming = arrived(first);
  for (const fill of [1, 2]) {
    incoming.reader.u8();
    const [bytes, same] = incoming.value() as [Uint8Array, SharedArrayBuffer];
    assertEquals([bytes.length, bytes[0], same === memory], [BULK, fill, true]);
  }
});

test("MessageWriter releases the memory of a large message", () => {
  const writer = new MessageWriter();
  const encoder = new ValueEncoder(processChannel);
  writer.record(message.DONE);
  writer.value(encoder.encode("x".repeat(3_000_000), "result"));
  const large = writer.take();
  writer.record(message.PONG);
  const small = writer.take();
  assert(small.bytes.buffer.byteLength < 100_000, `${small.bytes.buffer.byteLength} bytes are held`);
  assertEquals(arrived(small).reader.u8(), message.PONG);
  const incoming = arrived(large);
  incoming.reader.u8();
  assertEquals((incoming.value() as string).length, 3_000_000);
});

test("IncomingMessage.value() skips a value that does not decode", () => {
  const { writer, encoder } = broken();
  writer.value(encoder.encode("behind it", "args"));
  const incoming = arrived(writer.take());
  assertThrows(() => incoming.value(), RangeError);
  assertEquals([incoming.value(), incoming.more], ["behind it", false]);
});

test("IncomingMessage.value() never gives the blobs of a value that does not decode to the next", () => {
  const { writer, encoder } = broken();
  writer.value(encoder.encode([new Uint8Array(BULK).fill(2)], "args"));
  writer.value(encoder.encode("behind it", "args"));
  const incoming = arrived(writer.take());
  assertThrows(() => incoming.value(), RangeError);
  assertThrows(() => incoming.value(), RangeError, "did not arrive");
  assertEquals(incoming.value(), "behind it");
});

test("IncomingMessage.value() throws for a size beyond the message", () => {
  const writer = new MessageWriter();
  const record = writer.record(message.DONE);
  record.u32(1_000);
  record.u8(255);
  const incoming = arrived(writer.take());
  incoming.reader.u8();
  assertThrows(() => incoming.value(), message.MalformedMessage);
  assert(!incoming.more);
  assertThrows(() => incoming.value(), message.MalformedMessage);
});

test("IncomingMessage.value() throws for a value that does not match its size", () => {
  for (const change of [-1, 1]) {
    const writer = new MessageWriter();
    const packet = new ValueEncoder(processChannel).encode("text", "args");
    writer.value(change < 0 ? packet : { ...packet, end: packet.end + 1 });
    const { bytes } = writer.take();
    if (change < 0) bytes[message.HEADER_SIZE]! += change;
    const incoming = arrived({ bytes, blobs: [], attachments: [], lent: [] });
    assertThrows(() => incoming.value(), RangeError, "size does not match");
  }
});

test("IncomingMessage.operation() rejects names if nothing has one", () => {
  const writer = new MessageWriter();
  const record = writer.record(message.BULK);
  record.u8(1);
  record.u8(0);
  assertThrows(() => arrived(writer.take()).operation(), message.MalformedMessage);
});

/** Creates a message that begins with a value whose second byte was changed, followed by its blobs. */
function broken(): { writer: MessageWriter; encoder: ValueEncoder } {
  const writer = new MessageWriter();
  const encoder = new ValueEncoder(processChannel);
  const packet = encoder.encode([null, new Uint8Array(BULK).fill(1)], "args");
  const bytes = packet.bytes.slice();
  bytes[packet.start + 2] = 200;
  writer.value({ ...packet, bytes });
  return { writer, encoder };
}
