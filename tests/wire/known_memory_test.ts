import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import { KnownMemory, UNNAMED } from "../../src/wire/known_memory.ts";
import { random } from "../support/random.ts";

const memory = (size = 16) => new SharedArrayBuffer(size);

test("KnownMemory.names() names memory that was posted before, in both directions", () => {
  const [here, there] = [new KnownMemory(), new KnownMemory()];
  const piece = memory();
  assertEquals(here.names([piece]), undefined);
  there.meet([piece], here.introduce([piece]));
  const back = there.names([piece])!;
  assertStrictEquals(here.find(back[0]!), piece);
  const again = here.names([piece])!;
  assertStrictEquals(there.find(again[0]!), piece);
});

test("KnownMemory.names() names all pieces or none", () => {
  const [here, there] = [new KnownMemory(), new KnownMemory()];
  const [one, two] = [memory(), memory()];
  there.meet([one], here.introduce([one]));
  assertEquals(there.names([one, two]), undefined);
  assertEquals(there.names([]), []);
});

test("KnownMemory.introduce() names neither transferred buffers nor large memory", () => {
  const known = new KnownMemory();
  assertEquals(known.introduce([new ArrayBuffer(8), memory(3 * 1024 * 1024)]), [UNNAMED, UNNAMED]);
});

test("KnownMemory.introduce() does not reuse the name of memory that the other end has", () => {
  const [here, there] = [new KnownMemory(), new KnownMemory()];
  const pieces = [memory(), memory(), memory()];
  const names = here.introduce(pieces);
  assertEquals(names.filter((name) => name === UNNAMED).length, 1);
  there.meet(pieces, names);
  const back = there.names([pieces[0]!])!;
  assertStrictEquals(here.find(back[0]!), pieces[0]);
  // The first piece is back, so another one may have its name.
  const other = memory();
  there.meet([other], here.introduce([other]));
  assertEquals(there.names([pieces[0]!]), undefined);
  assertStrictEquals(here.find(there.names([other])![0]!), other);
});

test("KnownMemory.find() does not find memory that is not at the other end", () => {
  const [here, there] = [new KnownMemory(), new KnownMemory()];
  const piece = memory();
  there.meet([piece], here.introduce([piece]));
  const [name] = there.names([piece])!;
  assertStrictEquals(here.find(name!), piece);
  // The memory is back, and may be on its way to another thread.
  assertThrows(() => here.find(name!), RangeError, "Cannot find memory block");
  assertThrows(() => there.find(1), RangeError);
  assertThrows(() => there.find(200), RangeError);
});

test("KnownMemory gives no name to memory that is sent again before it came back", () => {
  const [here, there] = [new KnownMemory(), new KnownMemory()];
  const piece = memory();
  there.meet([piece], here.introduce([piece]));
  assertEquals(here.names([piece]), undefined);
  assertEquals(here.introduce([piece]), [UNNAMED]);
});

test("KnownMemory matches the same pieces at both ends for any messages", () => {
  const seed = 4711;
  const next = random(seed);
  const ends = [new KnownMemory(), new KnownMemory()] as const;
  const held: [SharedArrayBuffer[], SharedArrayBuffer[]] = [[], []];
  // Messages arrive later, in order, while the other end also sends.
  const ways: [(() => void)[], (() => void)[]] = [[], []];
  let named = 0, made = 0;
  for (let round = 0; round < 20_000; round++) {
    const from: 0 | 1 = next() < 0.5 ? 0 : 1;
    const to = from === 0 ? 1 : 0;
    if (next() < 0.5) {
      ways[from].shift()?.();
      continue;
    }
    if (held[from].length === 0 && ++made > 6) continue;
    const piece = held[from].shift() ?? memory();
    const names = ends[from].names([piece]);
    if (names !== undefined) {
      named++;
      ways[to].push(() => {
        const found = ends[to].find(names[0]!);
        assertStrictEquals(found, piece, `seed ${seed}, round ${round}`);
        held[to].push(found);
      });
    } else {
      const introduced = ends[from].introduce([piece]);
      ways[to].push(() => {
        ends[to].meet([piece], introduced);
        held[to].push(piece);
      });
    }
  }
  assertEquals(named > 1_000, true, `${named} were named`);
});
