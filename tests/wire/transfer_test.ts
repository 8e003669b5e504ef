import { Buffer } from "node:buffer";
import { test } from "node:test";
import { assert, assertEquals, assertNotStrictEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { detach, isMoving, transfer } from "../../src/wire/transfer.ts";

test("transfer() returns its value and marks the buffer behind it", () => {
  const buffer = new ArrayBuffer(8);
  const view = new Uint8Array(buffer, 4);
  assertStrictEquals(transfer(view), view);
  assert(isMoving(buffer));
  assertStrictEquals(buffer.byteLength, 8, "nothing is detached yet");
});

test("transfer() with a list marks the items of the list, not the value", () => {
  const buffer = new ArrayBuffer(8), other = new ArrayBuffer(8);
  const value = { buffer, other };
  assertStrictEquals(transfer(value, [buffer]), value);
  assertEquals([isMoving(buffer), isMoving(other), isMoving(value)], [true, false, false]);
});

test("transfer() marks ports", () => {
  const { port1, port2 } = new MessageChannel();
  transfer(port1);
  assert(isMoving(port1));
  port1.close();
  port2.close();
});

test("transfer() rejects values that cannot be transferred", () => {
  const nothing: unknown[] = [
    1,
    "text",
    null,
    undefined,
    {},
    { a: 1 },
    [],
    [new ArrayBuffer(1)],
    new SharedArrayBuffer(1),
  ];
  for (const value of nothing) {
    assertThrows(() => transfer(value), TypeError, "Cannot transfer a value that is not transferable");
  }
  const shared = new Uint8Array(new SharedArrayBuffer(8));
  assertThrows(() => transfer(shared), TypeError);
});

test("transfer() rejects the whole list if it rejects one item", () => {
  const buffer = new ArrayBuffer(8);
  assertThrows(() => transfer({}, [buffer, {} as never]), TypeError);
  assert(!isMoving(buffer));
});

test("transfer() never takes the shared pool memory of a small Buffer", () => {
  const small = Buffer.from("abc");
  const before = Buffer.from("neighbour");
  try {
    transfer(small);
  } catch (error) {
    assert(error instanceof TypeError);
  }
  if (isMoving(small.buffer)) detach([small.buffer], []);
  assertEquals([before.toString(), Buffer.from("next").toString()], ["neighbour", "next"]);
});

test("detach() detaches the sender's buffers and adds them to the attachments", () => {
  const kept = new SharedArrayBuffer(4);
  const buffer = transfer(new Uint8Array([1, 2, 3, 4]).buffer);
  const attachments: object[] = [kept, buffer];
  detach([buffer], attachments);
  assert(buffer.detached);
  assert(!isMoving(buffer));
  assertStrictEquals(attachments[0], kept);
  assertNotStrictEquals(attachments[1], buffer);
  assertEquals([...new Uint8Array(attachments[1] as ArrayBuffer)], [1, 2, 3, 4]);
});

test("detach() also detaches buffers that were copied", () => {
  const buffer = transfer(new ArrayBuffer(4));
  detach([buffer], []);
  assert(buffer.detached);
});

test("detach() skips buffers that are already detached", () => {
  const buffer = transfer(new ArrayBuffer(4));
  buffer.transfer();
  const attachments: object[] = [];
  detach([buffer], attachments);
  assertEquals(attachments, []);
});
