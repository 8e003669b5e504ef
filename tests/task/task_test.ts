import { test } from "node:test";
import { assert, assertEquals, assertNotEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { inline } from "../../src/task/inline.ts";
import { addressOf, definitionOf, mark, requireDefinition, task } from "../../src/task/task.ts";
import { tasksFrom } from "../../src/task/tasks_from.ts";

const META = { url: "file:///program/tasks.ts" };

test("task() keeps the function callable in place", async () => {
  const add = task(META, function add(a: number, b: number) {
    return a + b;
  });
  const wait = task(META, async function wait(value: string) {
    return await value;
  });
  assertEquals([add(1, 2), await wait("x"), add.length], [3, "x", 2]);
});

test("task() names the module and the export", () => {
  const named = task(META, function named() {});
  const renamed = task(META, function inner() {}, "outer");
  const arrow = task(META, () => {}, "arrow");
  assertEquals([named.url, named.name], [META.url, "named"]);
  assertEquals([renamed.name, arrow.name], ["outer", "arrow"]);
  assertEquals(Object.keys(named), [], "nothing is added that shows");
});

test("definitionOf() describes where a task's function is found", () => {
  function double(n: number): number {
    return 2 * n;
  }
  const { url, name, source, fn } = definitionOf(task(META, double))!;
  assertEquals([url, name, source], [META.url, "double", undefined]);
  assertStrictEquals(fn, double);
});

test("definitionOf() knows tasks of another copy of this library", () => {
  const foreign = Object.assign(() => {}, { [Symbol.for("heddle.task")]: { url: "file:///a.ts", name: "a" } });
  assertEquals(definitionOf(foreign)!.name, "a");
});

test("definitionOf() is undefined for other values", () => {
  for (const value of [() => {}, {}, null, undefined, 1, "task", { url: "file:///a.ts", name: "a" }]) {
    assertStrictEquals(definitionOf(value), undefined);
  }
});

test("task() rejects a missing URL or function, and an empty name", () => {
  const fn = function fn() {};
  for (const meta of [undefined, null, {}, { url: 1 }, "file:///a.ts"]) {
    assertThrows(() => task(meta as never, fn), TypeError, "'meta' must be import.meta");
  }
  for (const value of [undefined, {}, "fn"]) {
    assertThrows(() => task(META, value as never), TypeError, "'fn' must be a function");
  }
  for (const name of ["", 1, null]) {
    assertThrows(() => task(META, fn, name as never), TypeError, "'name' must be a non-empty string");
  }
});

test("task() names a function without a name by its position in its module", () => {
  const meta = { url: "file:///program/nameless.ts" };
  const names = [() => 1, () => 2, () => 3].map((fn) => task(meta, fn).name);
  assertEquals(names, ["anonymous#1", "anonymous#2", "anonymous#3"]);
  assertEquals(task({ url: "file:///program/other.ts" }, () => 1).name, "anonymous#1");
});

test("task() returns the same task for a task, and a new one for another name", () => {
  const meta = { url: "file:///program/again.ts" };
  const first = task(meta, function first() {});
  const { place } = definitionOf(first)!;
  assertStrictEquals(task(meta, first), first);
  assertStrictEquals(task(meta, first, "first"), first);
  assertEquals(definitionOf(first)!.place, place);
  assertEquals(task(meta, first, "second").name, "second");
});

test("addressOf() describes where a task is found, with its source only if names are ambiguous", () => {
  const meta = { url: "file:///program/addresses.ts" };
  const only = task(meta, function only() {});
  assertEquals(addressOf(definitionOf(only)!), {
    ...meta,
    name: "only",
    source: undefined,
    made: true,
    check: undefined,
  });
  const nameless = addressOf(definitionOf(task(meta, () => 1))!);
  assertEquals([nameless.made, nameless.check?.place], [true, 0]);
  const two = [
    task(meta, function same() {}),
    task(meta, function same() {
      return 2;
    }),
  ].map((each) => addressOf(definitionOf(each)!).check!);
  assertEquals(two.map(({ place }) => place), [0, 1]);
  assertNotEquals(two[0]!.hash, two[1]!.hash);
  const { isPrime } = tasksFrom<{ isPrime(): void }>(meta.url);
  assertEquals(addressOf(definitionOf(isPrime)!).made, false);
  const one = inline(() => 1);
  assertEquals(addressOf(definitionOf(one)!).source, definitionOf(one)!.source);
});

test("requireDefinition() names the way to make a task of another value", () => {
  const error = assertThrows(() => requireDefinition(function plain() {}), TypeError, "function plain");
  for (const way of ["task(import.meta, fn)", "tasksFrom(url)", "inline(fn)"]) assert(error.message.includes(way), way);
  assertThrows(() => requireDefinition(undefined), TypeError, "Cannot submit undefined");
  assertThrows(() => requireDefinition({}), TypeError, "Cannot submit an object");
});

test("mark() may be called again with another definition", () => {
  const fn = () => {};
  mark(fn, { url: "file:///a.ts", name: "a", source: undefined, fn });
  mark(fn, { url: "file:///b.ts", name: "b", source: undefined, fn });
  assertEquals([fn.name, definitionOf(fn)!.url], ["b", "file:///b.ts"]);
});
