import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type IncomingMessage, MessageWriter, type OutgoingMessage } from "../../src/wire/message.ts";
import { processChannel, ProcessLink } from "../../src/wire/process_link.ts";
import { seeded } from "../core/random.ts";
import { encode, sent } from "./values.ts";

/** More bytes than a message carries inline. */
const BULK = 20_000;
const HEADER_SIZE = 16;

/** A receiving link and its messages. */
class End {
  readonly arrived: unknown[] = [];
  readonly violations: Error[] = [];
  readonly link: ProcessLink;

  constructor() {
    this.link = new ProcessLink(() => {}, (message) => this.receive(message), (error) => this.violations.push(error));
  }

  receive(message: IncomingMessage): void {
    while (message.more) {
      message.reader.u8();
      this.arrived.push(message.value());
    }
  }

  /** Passes bytes on in chunks of given sizes, each in separate memory. */
  accept(bytes: Uint8Array, nextSize: () => number = () => bytes.length): void {
    for (let at = 0; at < bytes.length;) {
      const size = Math.max(1, nextSize());
      this.link.accept(bytes.slice(at, at += size));
    }
  }
}

/** Returns the frames of messages as bytes of the stream. */
function frames(...messages: OutgoingMessage[]): Uint8Array {
  const written: number[] = [];
  const link = new ProcessLink(
    (chunks) => {
      for (const chunk of chunks) for (const byte of chunk) written.push(byte);
    },
    () => {},
    () => {},
  );
  for (const message of messages) link.send(message);
  return Uint8Array.from(written);
}

function messageOf(...values: unknown[]): OutgoingMessage {
  const writer = new MessageWriter();
  for (const value of values) {
    writer.record(1);
    writer.value(encode(value));
  }
  return writer.take();
}

function sampleMessages(): { values: unknown[]; bytes: Uint8Array } {
  const parts = [["first"], [new Uint8Array(BULK).fill(7), "beside it", new Uint8Array(BULK + 1).fill(8)], [], [{
    a: [1, 2],
  }]];
  return { values: parts.flat(), bytes: frames(...parts.map((values) => messageOf(...values))) };
}

test("ProcessLink reads the frames that it wrote", () => {
  const { values, bytes } = sampleMessages();
  const end = new End();
  end.accept(bytes);
  assertEquals(end.arrived, values);
  assertEquals(end.violations, []);
});

test("ProcessLink reads frames byte by byte", () => {
  const { values, bytes } = sampleMessages();
  const end = new End();
  end.accept(bytes, () => 1);
  assertEquals(end.arrived, values);
});

for (const seed of [1, 2, 3, 4, 5]) {
  test(`ProcessLink reads frames split at any position (seed ${seed})`, () => {
    const random = seeded(seed);
    const { values, bytes } = sampleMessages();
    for (let round = 0; round < 30; round++) {
      const end = new End();
      const largest = random.pick([3, 17, 100, 30_000]);
      end.accept(bytes, () => random.below(largest));
      assertEquals(end.arrived.length, values.length);
      assertEquals(end.arrived, values);
    }
  });
}

test("ProcessLink reads frames from the middle of larger chunks", () => {
  const { values, bytes } = sampleMessages();
  for (const before of [1, 3, 8]) {
    const pool = new Uint8Array(bytes.length + 2 * before);
    pool.set(bytes, before);
    const end = new End();
    end.link.accept(pool.subarray(before, before + bytes.length));
    assertEquals(end.arrived, values);
  }
});

test("ProcessLink skips empty chunks", () => {
  const { values, bytes } = sampleMessages();
  const end = new End();
  for (const byte of bytes) {
    end.link.accept(new Uint8Array(0));
    end.link.accept(Uint8Array.of(byte));
  }
  assertEquals(end.arrived, values);
});

test("ProcessLink delivers a message as soon as its last byte arrives", () => {
  const bytes = frames(messageOf("whole"));
  const end = new End();
  end.accept(bytes.subarray(0, -1));
  assertEquals(end.arrived, []);
  end.accept(bytes.subarray(-1));
  assertEquals(end.arrived, ["whole"]);
});

test("ProcessLink sends empty blobs", () => {
  const empty = { ...messageOf("records"), blobs: [new ArrayBuffer(0), new ArrayBuffer(0)] };
  for (const size of [1, 1_000]) {
    const end = new End();
    end.accept(frames(empty, messageOf("next")), () => size);
    assertEquals([end.arrived, end.violations], [["records", "next"], []]);
  }
});

test("ProcessLink.send() reuses only the first three chunks that it writes", () => {
  const kept: Uint8Array[][] = [];
  const link = new ProcessLink(
    (chunks) => kept.push(chunks.map((chunk, i) => i < 3 ? chunk.slice() : chunk)),
    () => {},
    () => {},
  );
  const writer = new MessageWriter();
  const values = [1, 2, 3].map((id) => new Uint8Array(BULK).fill(id));
  for (const value of values) {
    writer.record(1);
    writer.value(encode(value));
    link.send(writer.take());
  }
  const end = new End();
  for (const chunks of kept) for (const chunk of chunks) end.link.accept(chunk.slice());
  assertEquals(end.arrived, values);
});

test("ProcessLink reports anything but a frame as a violation, once, and stops reading", () => {
  const good = frames(messageOf("good"));
  const garbage = [
    new TextEncoder().encode("a line that a task has printed\n"),
    new Uint8Array(64),
    new Uint8Array(64).fill(255),
    // The right mark is in the wrong place.
    good.slice(1),
  ];
  for (const bytes of garbage) {
    const end = new End();
    end.accept(good);
    end.accept(bytes);
    end.accept(good);
    assertEquals([end.arrived, end.violations.length], [["good"], 1]);
    assertMatch(end.violations[0]!.message, /^Cannot read from a worker process: its channel carries bytes/);
  }
});

test("ProcessLink reports a repeated or lost frame as a violation", () => {
  const first = frames(messageOf(1));
  const both = frames(messageOf(1), messageOf(2));
  for (const bytes of [[...first, ...first], [...both.subarray(first.length)]]) {
    const end = new End();
    end.accept(Uint8Array.from(bytes));
    assertEquals(end.violations.length, 1);
  }
});

test("ProcessLink reports a flipped bit in a header as a violation", () => {
  const bytes = frames(messageOf("x"));
  for (let bit = 0; bit < HEADER_SIZE * 8; bit++) {
    const broken = bytes.slice();
    broken[bit >> 3]! ^= 1 << (bit & 7);
    const end = new End();
    end.accept(broken);
    assertEquals([end.arrived, end.violations.length], [[], 1]);
  }
});

test("ProcessLink reports a flipped bit in the sizes of blobs before it allocates memory for them", () => {
  const bytes = frames(messageOf(new Uint8Array(BULK), new Uint8Array(BULK)));
  for (let bit = 0; bit < 3 * 64; bit++) {
    const broken = bytes.slice();
    broken[HEADER_SIZE + (bit >> 3)]! ^= 1 << (bit & 7);
    const end = new End();
    end.accept(broken);
    assertEquals([end.arrived, end.violations.length], [[], 1], `bit ${bit}`);
  }
});

test("ProcessLink reports frames of another channel as a violation", () => {
  const written: Uint8Array[] = [];
  const write = (chunks: readonly Uint8Array[]) => void written.push(...chunks.map((chunk) => chunk.slice()));
  new ProcessLink(write, () => {}, () => {}, 1).send(messageOf("x"));
  for (const [key, violations] of [[1, 0], [0, 1], [2, 1], [2 ** 32 - 1, 1]] as const) {
    let [arrived, violated] = [0, 0];
    const link = new ProcessLink(() => {}, () => arrived++, () => violated++, key);
    for (const chunk of written) link.accept(chunk.slice());
    assertEquals([arrived, violated], [1 - violations, violations]);
  }
});

test("ProcessLink reports sizes beyond all memory as a violation, without throwing", () => {
  const sizes = [-1, NaN, Infinity, 2 ** 53, 2 ** 41, 2 ** 40, 1.5];
  for (const size of sizes) {
    const end = new End();
    end.accept(header({ records: 0, blobs: 1, sizes: [size] }), () => 7);
    end.accept(new Uint8Array(64), () => 7);
    assertEquals([end.arrived, end.violations.length], [[], 1], `a blob of ${size} bytes`);
  }
  const many = new End();
  many.accept(header({ records: 0, blobs: 2 ** 32 - 1, sizes: [] }));
  many.accept(new Uint8Array(64));
  assertEquals([many.arrived, many.violations.length], [[], 1]);
});

for (const seed of [1, 2, 3]) {
  test(`ProcessLink survives random bytes after valid frames (seed ${seed})`, () => {
    const random = seeded(seed);
    const good = frames(messageOf("good"));
    for (let round = 0; round < 200; round++) {
      const end = new End();
      end.accept(good, () => 1 + random.below(9));
      const bytes = new Uint8Array(HEADER_SIZE + random.below(200)).map(() => random.below(256));
      end.accept(bytes, () => 1 + random.below(30));
      assertEquals([end.arrived, end.violations.length], [["good"], 1]);
    }
  });
}

test("processChannel copies into memory that is not shared", () => {
  assert(processChannel.allocate(4) instanceof ArrayBuffer);
  assertEquals([processChannel.scope, processChannel.handsOver], ["process", false]);
  assertEquals(sent(new Uint8Array([1])), new Uint8Array([1]));
});

/** A frame as a malicious task could write it, with a valid mark and number, and any sizes. */
function header({ records, blobs, sizes }: { records: number; blobs: number; sizes: number[] }): Uint8Array {
  const bytes = frames(messageOf()).slice(0, HEADER_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, records, true);
  view.setUint32(12, blobs, true);
  return Uint8Array.from([...bytes, ...new Uint8Array(Float64Array.from(sizes).buffer)]);
}
