import { EventEmitter } from "node:events";
import type { Writable } from "node:stream";
import { test } from "node:test";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { type Gate, gateOf, onceOpen } from "../../src/runtime/output_gate.ts";

const CHUNK = new Uint8Array([97, 10]);

/** An output whose writes the test controls. */
class FakeOutput extends EventEmitter {
  destroyed = false;
  writableEnded = false;
  writableNeedDrain: boolean | undefined = true;
  written = 0;
  answer: unknown = false;
  /** Completes the writes so far, one by one. */
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

/** Returns the number of the gate's listeners. */
function listeners(to: FakeOutput): number {
  return to.eventNames().length;
}

test("gateOf() returns one gate for each output", () => {
  const { to, gate } = outputAndGate();
  assertStrictEquals(gateOf(to as unknown as Writable), gate);
});

test("Gate.write() reports a full output only if its write returns false", () => {
  const { to, gate } = outputAndGate();
  for (const answer of [true, undefined, 0, null, "captured"]) {
    to.answer = answer;
    assertEquals(gate.write(CHUNK), true);
  }
  to.answer = false;
  assertEquals(gate.write(CHUNK), false);
});

test("Gate.write() ignores the result of a replaced write if the output needs no drain", () => {
  const { to, gate } = outputAndGate();
  to.writableNeedDrain = false;
  // Bun never reports that it needs a drain.
  assertEquals(gate.write(CHUNK), false);
  Object.assign(to, { write: () => false });
  assertEquals(gate.write(CHUNK), true);
});

test("Gate.write() ignores false from a write that has completed", () => {
  const { to, gate } = outputAndGate();
  to.write = (_chunk, callback) => {
    callback();
    return false;
  };
  assertEquals(gate.write(CHUNK), true);
});

test("Gate.write() drops data for an output that was ended or destroyed", () => {
  const { to, gate } = outputAndGate();
  to.writableEnded = true;
  assertEquals([gate.write(CHUNK), to.written], [true, 0]);
  Object.assign(to, { writableEnded: false, destroyed: true });
  assertEquals([gate.write(CHUNK), to.written], [true, 0]);
});

for (const event of ["drain", "close", "error"]) {
  test(`Gate.wait() calls back once at '${event}', and leaves no listener`, () => {
    const { to, gate } = outputAndGate();
    // The gate must not handle the error of the output.
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

test("Gate.wait() calls back when the last write has completed", () => {
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
