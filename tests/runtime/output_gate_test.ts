import { EventEmitter } from "node:events";
import type { Writable } from "node:stream";
import { test } from "node:test";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { type Gate, gateOf, onceOpen } from "../../src/runtime/output_gate.ts";

const CHUNK = new Uint8Array([97, 10]);

/** An output that does with a chunk what the test says. */
class FakeOutput extends EventEmitter {
  destroyed = false;
  writableEnded = false;
  writableNeedDrain: boolean | undefined = true;
  written = 0;
  answer: unknown = false;
  /** Says that the writes so far have ended, one by one. */
  readonly callbacks: (() => void)[] = [];

  write(_chunk: Uint8Array, callback: () => void): unknown {
    this.written++;
    this.callbacks.push(callback);
    return this.answer;
  }
}

function outputAndGate(): { to: FakeOutput; gate: Gate } {
  const to = new FakeOutput();
  return { to, gate: gateOf(to as unknown as Writable) };
}

/** How many listeners the gate has. */
function listeners(to: FakeOutput): number {
  return to.eventNames().length;
}

test("gateOf() gives an output one gate", () => {
  const { to, gate } = outputAndGate();
  assertStrictEquals(gateOf(to as unknown as Writable), gate);
});

test("Gate.write() says that an output is full if that answers false and nothing else", () => {
  const { to, gate } = outputAndGate();
  for (const answer of [true, undefined, 0, null, "captured"]) {
    to.answer = answer;
    assertEquals(gate.write(CHUNK), true);
  }
  to.answer = false;
  assertEquals(gate.write(CHUNK), false);
});

test("Gate.write() does not believe a write of the program's own where the output needs no drain", () => {
  const { to, gate } = outputAndGate();
  to.writableNeedDrain = false;
  // Bun never says that it needs one.
  assertEquals(gate.write(CHUNK), false);
  Object.assign(to, { write: () => false });
  assertEquals(gate.write(CHUNK), true);
});

test("Gate.write() believes no false of a write that has ended", () => {
  const { to, gate } = outputAndGate();
  to.write = (_chunk, callback) => {
    callback();
    return false;
  };
  assertEquals(gate.write(CHUNK), true);
});

test("Gate.write() drops what is written to an output that was ended or destroyed", () => {
  const { to, gate } = outputAndGate();
  to.writableEnded = true;
  assertEquals([gate.write(CHUNK), to.written], [true, 0]);
  Object.assign(to, { writableEnded: false, destroyed: true });
  assertEquals([gate.write(CHUNK), to.written], [true, 0]);
});

for (const event of ["drain", "close", "error"]) {
  test(`Gate.wait() calls back once at '${event}', and leaves no listener`, () => {
    const { to, gate } = outputAndGate();
    // It must not be the gate that handles the error.
    to.on("error", () => {});
    let calls = 0;
    gate.write(CHUNK);
    gate.wait(() => calls++);
    gate.wait(() => calls++);
    assertEquals(calls, 0);
    to.emit(event, new Error("write EPIPE"));
    to.emit(event, new Error("write EPIPE"));
    assertEquals([calls, listeners(to)], [2, 1]);
  });
}

test("Gate.wait() does not handle the error of an output", () => {
  const { to, gate } = outputAndGate();
  gate.write(CHUNK);
  gate.wait(() => {});
  let thrown: unknown;
  try {
    to.emit("error", new Error("write EPIPE"));
  } catch (error) {
    thrown = error;
  }
  assertEquals((thrown as Error).message, "write EPIPE");
});

test("Gate.wait() calls back when the last write has ended", () => {
  const { to, gate } = outputAndGate();
  let calls = 0;
  gate.write(CHUNK);
  gate.write(CHUNK);
  gate.wait(() => calls++);
  to.callbacks.shift()!();
  assertEquals(calls, 0);
  to.callbacks.shift()!();
  assertEquals([calls, listeners(to)], [1, 0]);
});

test("onceOpen() waits for a full output, if there is one", () => {
  const { to, gate } = outputAndGate();
  let calls = 0;
  assertEquals(onceOpen(() => calls++), false);
  gate.write(CHUNK);
  gate.wait(() => {});
  assertEquals([onceOpen(() => calls++), calls], [true, 0]);
  to.emit("drain");
  assertEquals([onceOpen(() => calls++), calls], [false, 1]);
});
