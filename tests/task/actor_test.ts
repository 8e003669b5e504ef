import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { actor } from "../../mod.ts";
import { readAddress, writeAddress } from "../../src/task/address.ts";
import { methodsOf, requireActorClass } from "../../src/task/actor.ts";
import { addressOf } from "../../src/task/task.ts";
import { ByteReader, ByteWriter } from "../../src/wire/bytes.ts";

class Base {
  shared(): void {}
  replaced(): void {}
}
class Derived extends Base {
  override replaced(): void {}
  get size(): number {
    return 1;
  }
  then(): void {}
  *values(): Generator<number> {}
  async *later(): AsyncGenerator<number> {}
  [Symbol.dispose](): void {}
}

test("actor() names the class by its own name or the given one", () => {
  const [one, two] = [actor(import.meta, Derived), actor(import.meta, Derived, "other")];
  assertEquals([one.name, one.url, two.name], ["Derived", import.meta.url, "other"]);
  assertStrictEquals(one.cls, Derived);
  assert(Object.isFrozen(one));
  assertEquals(Object.keys(one), ["url", "name", "cls"]);
});

test("actor() rejects what is no class", () => {
  for (const wrong of [5, undefined, {}, () => {}]) {
    assertThrows(() => actor(import.meta, wrong as never), TypeError, "Cannot make an actor as 'cls' must be a class");
  }
  assertThrows(() => actor({} as never, Derived), TypeError, "Cannot make an actor as 'meta' must be import.meta");
  assertThrows(() => actor(import.meta, Derived, ""), TypeError, "Cannot make an actor as 'name' must be");
});

test("requireActorClass() rejects a class that actor() has not made", () => {
  assertThrows(
    () => requireActorClass("Cannot make it", Derived),
    TypeError,
    "Cannot make it as 'cls' must be made by",
  );
  assertThrows(() => requireActorClass("Cannot make it", undefined), TypeError);
});

test("methodsOf() lists the methods of the class and its bases", () => {
  const { calls, streams } = methodsOf(Derived);
  assertEquals(calls.toSorted(), ["replaced", "shared"]);
  assertEquals(streams.toSorted(), ["later", "replaced", "shared", "values"]);
});

test("addressOf() tells classes and methods from functions", () => {
  const definition = requireActorClass("", actor(import.meta, class Alone {}, "alone"));
  const method = { url: "file:///a.ts", name: "alone.m", source: undefined, fn: undefined, method: "m" };
  for (const each of [definition, method]) {
    const writer = new ByteWriter(16);
    const address = addressOf(each);
    writeAddress(writer, address);
    const { constructs = false, method, name } = readAddress(new ByteReader(writer.bytes, 0, writer.length));
    assertEquals([constructs, method, name], [address.constructs === true, address.method, address.name]);
  }
});
