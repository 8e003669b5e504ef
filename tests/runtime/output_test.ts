import { Buffer } from "node:buffer";
import { EventEmitter } from "node:events";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { afterOutput, forwardLines, type Output, threadOutput } from "../../src/runtime/output.ts";

/** The stream of a worker process, which the test controls. */
class FakeInput extends EventEmitter {
  paused = false;

  /** Delivers a chunk, like a stream that is not paused. */
  print(text: string | Uint8Array): void {
    assert(!this.paused, "a paused stream hands over nothing");
    this.emit("data", typeof text === "string" ? new TextEncoder().encode(text) : text);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }
}

/** The program's own output, which accepts chunks until it is full. */
class FakeOutput extends EventEmitter {
  readonly chunks: Uint8Array[] = [];
  full = false;

  write(chunk: Uint8Array): boolean {
    this.chunks.push(chunk.slice());
    return !this.full;
  }

  drain(): void {
    this.full = false;
    this.emit("drain");
  }

  get text(): string {
    const decoder = new TextDecoder();
    return this.chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("");
  }
}

function forward(from: FakeInput, to: FakeOutput): Output {
  return forwardLines(from as unknown as Readable, to as unknown as Writable);
}

test("forwardLines() passes lines on when they are complete", () => {
  const from = new FakeInput(), to = new FakeOutput();
  forward(from, to);
  from.print("one\ntw");
  assertEquals(to.text, "one\n");
  from.print("o");
  assertEquals(to.text, "one\n");
  from.print("\nthree\nfour");
  assertEquals(to.text, "one\ntwo\nthree\n");
});

test("forwardLines() never mixes the lines of several workers", () => {
  const [a, b, to] = [new FakeInput(), new FakeInput(), new FakeOutput()];
  forward(a, to);
  forward(b, to);
  a.print("a1 ");
  b.print("b1 ");
  a.print("a2\na3");
  b.print("b2\n");
  a.print("\n");
  assertEquals(to.text, "a1 a2\nb1 b2\na3\n");
});

test("forwardLines() does not split characters", () => {
  const from = new FakeInput(), to = new FakeOutput();
  forward(from, to);
  for (const byte of new TextEncoder().encode("Grüße 👋\n日本\n")) from.print(Uint8Array.of(byte));
  assertEquals(to.chunks.map((chunk) => chunk.at(-1)).filter((byte) => byte === 10).length, 2);
  assertEquals(to.text, "Grüße 👋\n日本\n");
});

test("Output.flush() passes a last line without a newline on, once", () => {
  const from = new FakeInput(), to = new FakeOutput();
  const output = forward(from, to);
  from.print("no newline");
  output.flush();
  output.flush();
  assertEquals(to.text, "no newline");
});

test("forwardLines() passes an endless line on in pieces", () => {
  const from = new FakeInput(), to = new FakeOutput();
  forward(from, to);
  const chunk = new Uint8Array(64 * 1024).fill(120);
  for (let i = 0; i < 17; i++) from.print(chunk);
  assert(to.chunks.length > 0, "a megabyte is held back");
  from.print("\n");
  assertEquals([to.text.length, to.text.at(-1)], [17 * 64 * 1024 + 1, "\n"]);
});

test("forwardLines() stops reading while the output is full, and continues when it has drained", () => {
  const [a, b, to] = [new FakeInput(), new FakeInput(), new FakeOutput()];
  forward(a, to);
  forward(b, to);
  to.full = true;
  a.print("a\n");
  assertEquals([a.paused, b.paused], [true, false]);
  b.print("b\n");
  assertEquals([a.paused, b.paused], [true, true]);
  to.drain();
  assertEquals([a.paused, b.paused, to.listenerCount("drain")], [false, false, 0]);
  to.full = true;
  a.print("again\n");
  assertEquals([a.paused, b.paused, to.text], [true, false, "a\nb\nagain\n"]);
  to.drain();
  assertEquals(a.paused, false);
});

test("forwardLines() adds one listener to a full output, regardless of the number of waiting streams", () => {
  const to = new FakeOutput();
  to.full = true;
  for (let i = 0; i < 20; i++) {
    const from = new FakeInput();
    forward(from, to);
    from.print("line\nline\nrest");
  }
  assertEquals(to.listenerCount("drain"), 1);
  to.drain();
});

test("Output.tail() returns the last output, truncated to some kilobytes", () => {
  const from = new FakeInput();
  const output = forward(from, new FakeOutput());
  assertEquals(output.tail(), "");
  from.print("first\n");
  from.print("an unfinished ");
  from.print("line");
  assertEquals(output.tail(), "first\nan unfinished line");
  for (let i = 0; i < 5_000; i++) from.print(`line ${i}\n`);
  assert(output.tail().endsWith("line 4998\nline 4999\n"));
  assert(output.tail().length <= 8_192);
  from.print("x".repeat(100_000) + "end");
  assertEquals([output.tail().length, output.tail().slice(-4)], [8_192, "xend"]);
});

test("Output.tail() joins characters that arrived in parts", () => {
  const from = new FakeInput();
  const output = forward(from, new FakeOutput());
  for (const byte of new TextEncoder().encode("Grüße 👋")) from.print(Uint8Array.of(byte));
  assertEquals(output.tail(), "Grüße 👋");
});

test("Output.onceClosed() calls back when the stream has ended, even after a failure", () => {
  const from = new FakeInput();
  const output = forward(from, new FakeOutput());
  let closed = 0;
  output.onceClosed(() => closed++);
  from.emit("error", new Error("read failed"));
  assertEquals(closed, 0);
  from.emit("close");
  from.emit("close");
  assertEquals(closed, 1);
});

test("afterOutput() calls back in a later turn if nothing is printed", async () => {
  let called = false;
  const done = new Promise<void>((resolve) => afterOutput(() => resolve(void (called = true))));
  assertEquals(called, false);
  await done;
});

test("afterOutput() waits until the current output has been passed on", async () => {
  const from = new FakeInput(), to = new FakeOutput();
  forward(from, to);
  let linesLeft = 5;
  const print = () => {
    from.print(`line ${linesLeft}\n`);
    if (--linesLeft > 0) setImmediate(print);
  };
  setImmediate(print);
  await new Promise<void>((resolve) => afterOutput(resolve));
  assertEquals(linesLeft, 0);
});

test("afterOutput() waits until a full output has drained", async () => {
  const from = new FakeInput(), to = new FakeOutput();
  forward(from, to);
  to.full = true;
  from.print("line\n");
  const order: string[] = [];
  const done = new Promise<void>((resolve) => afterOutput(() => resolve(void order.push("told"))));
  // These turns would be enough if nothing were held back.
  for (let turns = 0; turns < 10; turns++) await new Promise<void>((resolve) => setImmediate(resolve));
  order.push("drained");
  to.drain();
  await done;
  assertEquals(order, ["drained", "told"]);
});

test("forwardLines() keeps reading after the output was closed, and afterOutput() calls back", async () => {
  const from = new FakeInput(), to = new FakeOutput();
  to.on("error", () => {});
  forward(from, to);
  to.full = true;
  from.print("line\n");
  assertEquals(from.paused, true);
  const done = new Promise<void>((resolve) => afterOutput(resolve));
  to.emit("error", new Error("write EPIPE"));
  assertEquals(from.paused, false);
  await done;
});

test("forwardLines() passes a Buffer on as a Buffer", () => {
  const from = new FakeInput(), to = new FakeOutput();
  const taken: unknown[] = [];
  to.write = (chunk) => taken.push(chunk) > 0;
  forward(from, to);
  from.print(Buffer.from("one\ntw"));
  from.print(Buffer.from("o\n"));
  assertEquals([taken.every(Buffer.isBuffer), taken.map(String).join("")], [true, "one\ntwo\n"]);
});

/** Runs a function while the output of the program is captured. */
function capture(write: (chunk: unknown) => unknown, fn: () => void): void {
  const own = Object.getOwnPropertyDescriptor(process.stdout, "write");
  process.stdout.write = write as typeof process.stdout.write;
  try {
    fn();
  } finally {
    if (own === undefined) Reflect.deleteProperty(process.stdout, "write");
    else Object.defineProperty(process.stdout, "write", own);
  }
}

test("threadOutput() passes complete lines on as Buffers, and reports when", () => {
  const taken: unknown[] = [];
  let passedOn = 0;
  const print = (text: string) => output.print(1, new TextEncoder().encode(text), () => passedOn++);
  const output = threadOutput();
  capture((chunk) => taken.push(chunk), () => {
    print("one\ntw");
    print("o\nthree");
    assertEquals(taken.map(String).join(""), "one\ntwo\n");
    output.flush();
  });
  assertEquals([taken.map(String).join(""), passedOn], ["one\ntwo\nthree", 2]);
  assert(taken.every(Buffer.isBuffer));
});
