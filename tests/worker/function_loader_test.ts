import { test } from "node:test";
import { assertEquals, assertInstanceOf, assertRejects, assertStrictEquals } from "@std/assert";
import { ByteReader, ByteWriter } from "../../src/wire/bytes.ts";
import { addressOf, definitionOf, mark, task } from "../../src/task/task.ts";
import { writeAddress } from "../../src/task/address.ts";
import { FunctionLoader } from "../../src/worker/function_loader.ts";
import { writeDefinition } from "./fake_pool.ts";

const MODULE = { double: (n: number) => 2 * n, VERSION: "1", Account: class {} };

function loaderOf(...definitions: [number, string, string, string?][]): FunctionLoader {
  const load = (url: string) =>
    url === "m" ? Promise.resolve(MODULE) : Promise.reject(new SyntaxError("Unexpected token"));
  const loader = new FunctionLoader(load);
  for (const [reference, url, name, source] of definitions) {
    const writer = new ByteWriter();
    writeDefinition(writer, reference, url, name, source);
    loader.define(new ByteReader(writer.bytes, 0, writer.length));
  }
  return loader;
}

test("FunctionLoader.load() returns the export, which then counts as loaded", async () => {
  const loader = loaderOf([1, "m", "double"]);
  assertStrictEquals(loader.loaded(1), undefined);
  assertStrictEquals(await loader.load(1), MODULE.double);
  assertStrictEquals(loader.loaded(1), MODULE.double);
});

test("FunctionLoader.load() compiles the function of an inline task from its source", async () => {
  const loader = loaderOf([1, "inline:anonymous", "anonymous", "(n) => n + 1"]);
  assertEquals((await loader.load(1))(2), 3);
  assertStrictEquals(loader.loaded(1), await loader.load(1));
});

test("FunctionLoader.load() names module and export, and lists the existing exports", async () => {
  const loader = loaderOf([1, "m", "missing"], [2, "m", "VERSION"]);
  await assertRejects(
    () => loader.load(1),
    TypeError,
    "Cannot find task 'missing' in m: there is no such export; the module exports Account, VERSION, double",
  );
  await assertRejects(
    () => loader.load(2),
    TypeError,
    "Cannot find task 'VERSION' in m: its export is not a function; the module exports Account, VERSION, double",
  );
});

test("FunctionLoader.load() reports that a module exports nothing", async () => {
  const loader = new FunctionLoader(() => Promise.resolve({}));
  const writer = new ByteWriter();
  writeDefinition(writer, 1, "empty", "task");
  loader.define(new ByteReader(writer.bytes, 0, writer.length));
  await assertRejects(() => loader.load(1), TypeError, "the module exports nothing");
});

test("FunctionLoader.load() names a module that does not load, and keeps the cause", async () => {
  const error = await assertRejects(
    () => loaderOf([1, "broken", "task"]).load(1),
    Error,
    "Cannot load the module of task 'task', broken: Unexpected token",
  );
  assertInstanceOf(error.cause, SyntaxError);
});

test("FunctionLoader.load() names a module that throws a value of any type", async () => {
  const loader = new FunctionLoader(() => Promise.reject(undefined));
  const writer = new ByteWriter();
  writeDefinition(writer, 1, "odd", "task");
  loader.define(new ByteReader(writer.bytes, 0, writer.length));
  await assertRejects(() => loader.load(1), Error, "Cannot load the module of task 'task', odd: undefined");
});

test("FunctionLoader.load() finds an export that is a task of that name under another one", async () => {
  const fn = () => "renamed";
  const foreign = mark(fn, { url: "renamed", name: "original", source: undefined, fn });
  const loader = new FunctionLoader(() => Promise.resolve({ original2: foreign, other: () => {} }));
  const writer = new ByteWriter();
  writeDefinition(writer, 1, "renamed", "original");
  loader.define(new ByteReader(writer.bytes, 0, writer.length));
  assertEquals((await loader.load(1))(), "renamed");
});

test("FunctionLoader.load() rejects a name that several tasks have", async () => {
  const exports = Object.fromEntries(["a", "b"].map((key) => {
    const fn = () => key;
    return [key, mark(fn, { url: "twice", name: "twin", source: undefined, fn })];
  }));
  const loader = new FunctionLoader(() => Promise.resolve(exports));
  const writer = new ByteWriter();
  writeDefinition(writer, 1, "twice", "twin");
  loader.define(new ByteReader(writer.bytes, 0, writer.length));
  await assertRejects(() => loader.load(1), TypeError, "several tasks of this name");
});

test("writeAddress() and define() transmit everything that identifies a task", async () => {
  const meta = { url: "file:///function_loader_test/checked.ts" };
  const make = (by: number) => task(meta, (n: number) => by * n);
  const tasks = [
    make(2),
    make(3),
    task(meta, function () {
      return "another";
    }),
  ];
  const loader = new FunctionLoader(() => Promise.resolve({}));
  tasks.forEach((each, place) => {
    const writer = new ByteWriter();
    writer.u32(place);
    writeAddress(writer, addressOf(definitionOf(each)!));
    loader.define(new ByteReader(writer.bytes, 0, writer.length));
  });
  for (const place of tasks.keys()) assertStrictEquals(await loader.load(place), definitionOf(tasks[place])!.fn);
});

test("FunctionLoader.load() rejects an undefined task", async () => {
  await assertRejects(() => loaderOf().load(5), RangeError, "task 5");
});

test("FunctionLoader accepts a function that is already present", () => {
  const here = () => "here";
  const loader = new FunctionLoader(
    () => Promise.reject(new Error("loaded")),
    (reference) => reference === 1 ? here : undefined,
  );
  for (const reference of [1, 2]) {
    const writer = new ByteWriter();
    writeDefinition(writer, reference, "m", "task");
    loader.define(new ByteReader(writer.bytes, 0, writer.length));
  }
  assertStrictEquals(loader.loaded(1), here);
  assertStrictEquals(loader.loaded(2), undefined);
});

test("FunctionLoader loads modules of the host", async () => {
  const loader = new FunctionLoader();
  const writer = new ByteWriter();
  writeDefinition(writer, 1, "data:text/javascript,export const five = () => 5;", "five");
  loader.define(new ByteReader(writer.bytes, 0, writer.length));
  assertEquals((await loader.load(1))(), 5);
});
