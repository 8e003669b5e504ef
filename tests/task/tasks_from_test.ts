import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { definitionOf } from "../../src/task/task.ts";
import { tasksFrom } from "../../src/task/tasks_from.ts";

interface Work {
  isPrime: (n: number) => boolean;
  load: (path: string) => Promise<string>;
  VERSION: string;
}

const URL_OF_WORK = "file:///program/work.ts";

test("tasksFrom() returns handles for the exports of a module, without loading it", () => {
  const { isPrime, load } = tasksFrom<Work>(URL_OF_WORK);
  assertEquals([isPrime.url, isPrime.name, load.name], [URL_OF_WORK, "isPrime", "load"]);
  const { source, fn } = definitionOf(isPrime)!;
  assertEquals([source, fn], [undefined, undefined]);
});

test("tasksFrom() accepts a URL object too", () => {
  assertEquals(tasksFrom<Work>(new URL(URL_OF_WORK)).isPrime.url, URL_OF_WORK);
});

test("tasksFrom() returns the same handle every time", () => {
  const work = tasksFrom<Work>(URL_OF_WORK);
  assertStrictEquals(work.isPrime, work.isPrime);
});

test("A handle called in place reports that the module is not loaded here", () => {
  const { isPrime } = tasksFrom<Work>(URL_OF_WORK);
  const error = assertThrows(() => isPrime(7), TypeError, "Cannot call 'isPrime' in place");
  assert(error.message.includes(URL_OF_WORK));
});

test("The object of handles may be awaited and printed", async () => {
  const work = tasksFrom<Work>(URL_OF_WORK);
  assertStrictEquals(await work, work);
  assertStrictEquals((work as { [Symbol.toPrimitive]?: unknown })[Symbol.toPrimitive], undefined);
  assertEquals(Object.keys(work), []);
});

test("tasksFrom() rejects a URL that is not absolute", () => {
  for (const address of ["./work.ts", "work.ts", "", "/program/work.ts"]) {
    assertThrows(() => tasksFrom<Work>(address), TypeError, "import.meta.resolve()");
  }
});
