import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { store } from "../../src/core/cell.ts";
import { type RingMemory, ringMemory, RingReader, RingWriter } from "../../src/wire/ring.ts";
import { type Random, seeded } from "../core/random.ts";

/** The control cells of the positions. */
const HEAD = 0, TAIL = 1;

/** Creates a ring whose positions start at `position`. */
function ringAt(position: number): { memory: RingMemory; writer: RingWriter; reader: RingReader } {
  const memory = ringMemory();
  store(memory.control, HEAD, position);
  store(memory.control, TAIL, position);
  return { memory, writer: new RingWriter(memory), reader: new RingReader(memory) };
}

test("RingReader.take() returns the bytes that RingWriter.write() wrote", () => {
  const { writer, reader } = ringAt(0);
  assert(writer.write(new Uint8Array([1, 2, 3])));
  assert(writer.write(new Uint8Array([4])));
  assertEquals([...reader.take(reader.limit)], [1, 2, 3, 4]);
  assertEquals(reader.take(reader.limit).length, 0);
});

test("RingReader.take() returns the bytes before a limit and leaves the rest", () => {
  const { writer, reader } = ringAt(0);
  writer.write(new Uint8Array([1, 2]));
  const limit = writer.position;
  writer.write(new Uint8Array([3]));
  assertEquals([...reader.take(limit)], [1, 2]);
  assertEquals([...reader.take(reader.limit)], [3]);
});

test("RingReader.take() returns a copy that later writes do not change", () => {
  const { memory, writer, reader } = ringAt(0);
  writer.write(new Uint8Array([1, 2]));
  const taken = reader.take(reader.limit);
  memory.data.fill(9);
  assertEquals([...taken], [1, 2]);
});

test("RingReader.take() throws at more bytes than the ring holds, and uses its own count", () => {
  const { memory, writer, reader } = ringAt(0);
  for (const limit of [memory.data.length + 1, 2 ** 31 - 1, -1]) assertThrows(() => reader.take(limit), RangeError);
  writer.write(new Uint8Array([1, 2]));
  store(memory.control, HEAD, 1);
  assertEquals([...reader.take(reader.limit)], [1, 2]);
});

test("RingWriter.write() takes all bytes or none", () => {
  const { memory, writer, reader } = ringAt(0);
  const capacity = memory.data.length;
  assert(!writer.write(new Uint8Array(capacity + 1)));
  assert(writer.write(new Uint8Array(capacity - 2)));
  assert(!writer.write(new Uint8Array(3)));
  assertEquals(writer.position, capacity - 2);
  assert(writer.write(new Uint8Array([7, 8])));
  assert(!writer.write(new Uint8Array(1)));
  const taken = reader.take(reader.limit);
  assertEquals([taken.length, taken.at(-2), taken.at(-1)], [capacity, 7, 8]);
  assert(writer.write(new Uint8Array(capacity)));
});

for (const position of [0, 131_070, 2 ** 31 - 3, -3]) {
  test(`A ring wraps around at the end of its memory and counters (from ${position})`, () => {
    const { writer, reader } = ringAt(position);
    for (let i = 0; i < 10; i++) {
      assert(writer.write(new Uint8Array([i, i + 1, i + 2])));
      assertEquals([...reader.take(reader.limit)], [i, i + 1, i + 2]);
      assert(writer.drained);
    }
  });

  test(`A full ring stays full when its counters wrap around (from ${position})`, () => {
    const { memory, writer, reader } = ringAt(position);
    const whole = Uint8Array.from(memory.data, (_, i) => i % 251);
    assert(writer.write(whole));
    assert(!writer.write(new Uint8Array(1)));
    assertEquals(reader.take(reader.limit), whole);
  });
}

test("RingWriter.drained tells whether all bytes were taken", () => {
  const { writer, reader } = ringAt(0);
  assert(writer.drained);
  writer.write(new Uint8Array(1));
  assert(!writer.drained);
  reader.take(reader.limit);
  assert(writer.drained);
});

test("RingWriter.countPosted() counts messages that bypass the ring", () => {
  const { writer, reader } = ringAt(0);
  assertEquals(reader.posted, 0);
  writer.countPosted();
  writer.countPosted();
  assertEquals(reader.posted, 2);
});

test("A ring begins with its reader asleep, and reports that once", () => {
  const { writer } = ringAt(0);
  assertEquals([writer.takeWake(), writer.takeWake()], [true, false]);
});

test("RingReader.sleep() returns true if there is nothing to read", () => {
  const { writer, reader } = ringAt(0);
  writer.takeWake();
  assert(reader.sleep());
  assert(writer.takeWake());
});

test("RingReader.sleep() returns false if there is something to read, and gets no wake-up", () => {
  const { writer, reader } = ringAt(0);
  writer.takeWake();
  writer.write(new Uint8Array(1));
  assert(!reader.sleep());
  assert(!writer.takeWake());
});

test("No order of steps leaves the reader asleep with unread bytes and no wake-up", () => {
  let orders = 0;
  for (const interrupted of ["reader", "writer"] as const) {
    for (const before of [0, 1]) {
      for (let step = 0;; step++) {
        const { writer, reader } = ringAt(-1);
        writer.takeWake();
        if (before > 0) writer.write(new Uint8Array(before));
        let taken = 0, asleep = false, woken = false;
        const read = () => {
          taken += reader.take(reader.limit).length;
          asleep = reader.sleep();
        };
        const write = () => {
          writer.write(new Uint8Array(1));
          woken = writer.takeWake();
        };
        const [first, second] = interrupted === "reader" ? [read, write] : [write, read];
        if (!runWithin(first, step, second)) break;
        orders++;
        const about = `${interrupted} interrupted before its step ${step}, ${before} bytes before`;
        assert(!asleep || woken || taken === before + 1, `asleep over ${before + 1 - taken} bytes: ${about}`);
        assert(!woken || asleep, `woken, though awake: ${about}`);
      }
    }
  }
  assert(orders > 15, `${orders} orders`);
});

for (const seed of [1, 2, 3]) {
  test(`A ring matches a list of bytes in 3,000 random operations (seed ${seed})`, () => compare(seeded(seed)));
}

function compare(random: Random): void {
  const { memory, writer, reader } = ringAt(random.pick([0, 2 ** 31 - 50_000, -50_000]));
  let model: Uint8Array[] = [], size = 0;
  let asleep = true, wakes = 0, refused = 0;
  for (let step = 0; step < 3_000; step++) {
    if (random.next() < 0.85) {
      const bytes = new Uint8Array(random.pick([1, 10, 300, 40_000])).map(() => random.below(256));
      const fits = size + bytes.length <= memory.data.length;
      assertEquals(writer.write(bytes), fits, `at step ${step}`);
      if (!fits) refused++;
      else model.push(bytes), size += bytes.length;
      if (fits && writer.takeWake()) assert(asleep, "no reader is woken twice"), wakes++, asleep = false;
    } else if (!asleep) {
      const taken = reader.take(reader.limit);
      assertEquals(taken.length, size, `at step ${step}`);
      let at = 0;
      for (const bytes of model) assertEquals(taken.subarray(at, at += bytes.length), bytes, `at step ${step}`);
      model = [], size = 0;
      asleep = reader.sleep();
    }
    assert(!asleep || size === 0, `the reader sleeps over ${size} bytes`);
  }
  assert(wakes > 100 && refused > 5, `${wakes} wake-ups, ${refused} refusals`);
}

/** Runs a function within another, before its step of a given number; returns false if there are fewer steps. */
function runWithin(outer: () => void, step: number, inner: () => void): boolean {
  const original = { load: Atomics.load, store: Atomics.store, compareExchange: Atomics.compareExchange };
  let steps = 0, ran = false;
  for (const [name, operation] of Object.entries(original)) {
    const spied = (...args: never[]) => {
      if (steps++ === step && !ran) {
        ran = true;
        Object.assign(Atomics, original);
        inner();
      }
      return (operation as (...args: never[]) => unknown)(...args);
    };
    Object.assign(Atomics, { [name]: spied });
  }
  try {
    outer();
  } finally {
    Object.assign(Atomics, original);
  }
  return ran;
}

test("RingWriter.recall() takes back the calls that the reader has not begun", () => {
  const { writer, reader } = ringAt(0);
  assertEquals([writer.recall(0), writer.unbegun(3)], [0, 3]);
  assert(reader.begin());
  assertEquals([writer.unbegun(3), writer.recall(3)], [2, 2]);
  // Of the three calls one is left, and the reader must not begin the others before it knows.
  assert(!reader.begin());
  reader.recalled();
  assertEquals(writer.unbegun(1), 0);
  assert(reader.begin());
  assertEquals(writer.recall(2), 0);
});

test("RingWriter.recall() is noticed as often as it was called", () => {
  const { writer, reader } = ringAt(0);
  assertEquals([writer.recall(2), writer.recall(1)], [2, 1]);
  reader.recalled();
  assert(!reader.begin());
  reader.recalled();
  assert(reader.begin());
});

test("RingReader.begin() and RingWriter.recall() agree where their counts wrap", () => {
  const { writer, reader } = ringAt(0);
  let calls = 0, refused = 0;
  for (let round = 0; round < 1_100; round++) {
    calls += 1_000;
    for (let begun = 0; begun < 997; begun++) if (!reader.begin()) refused++;
    if (writer.recall(calls) !== 3 || reader.begin()) refused++;
    calls -= 3;
    reader.recalled();
  }
  assertEquals([writer.unbegun(calls), refused], [0, 0]);
});

test("RingReader.begin() begins no call that was taken back before there was a reader", () => {
  const memory = ringMemory();
  assertEquals(new RingWriter(memory).recall(2), 2);
  const reader = new RingReader(memory);
  assert(!reader.begin());
  reader.recalled();
  assert(reader.begin());
});
