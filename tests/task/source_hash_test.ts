import { test } from "node:test";
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { sourceHash } from "../../src/task/source_hash.ts";

test("sourceHash() is the same for the same source text", () => {
  const make = (add: number) => (n: number) => n + add;
  assertEquals(sourceHash(make(1)), sourceHash(make(2)));
  assertMatch(sourceHash(make(1)), /^[0-9a-z]+$/);
});

test("sourceHash() differs for every changed character", () => {
  const texts = [
    "(n) => n + 1",
    "(n) => n + 2",
    "(n) => n - 1",
    "(m) => m + 1",
    "(n) =>  n + 1",
    "() => 'é'",
    "() => 'e'",
  ];
  const hashes = texts.map((text) => sourceHash(new Function(`return ${text}`)()));
  assertEquals(new Set(hashes).size, texts.length);
  assertNotEquals(hashes[0], hashes[1]);
});
