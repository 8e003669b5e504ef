import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { compile } from "../../src/task/compile.ts";
import { inline } from "../../src/task/inline.ts";
import { definitionOf } from "../../src/task/task.ts";

/** Returns the function that a worker makes of an inline task. */
function rebuilt(fn: (...args: never[]) => unknown): (...args: unknown[]) => unknown {
  return compile(definitionOf(inline(fn))!.source!);
}

test("inline() sends the source of any function expression", async () => {
  const samples: [(...args: never[]) => unknown, unknown[], unknown][] = [
    [(n: number) => n * n, [3], 9],
    [(n: number) => ({ n }), [3], { n: 3 }],
    [
      function (a: number, b: number) {
        return a + b;
      },
      [1, 2],
      3,
    ],
    [
      function factorial(n: number): number {
        return n < 2 ? 1 : n * factorial(n - 1);
      },
      [5],
      120,
    ],
    [async (n: number) => await n, [4], 4],
    [(...all: number[]) => all.length, [1, 2, 3], 3],
    [(n = 7) => n, [], 7],
  ];
  for (const [fn, args, expected] of samples) assertEquals(await rebuilt(fn)(...args), expected);
});

test("inline() stays callable in place, within its scope", () => {
  const factor = 3;
  const scale = inline((n: number) => n * factor);
  assertEquals(scale(2), 6);
});

test("inline() leaves the given function unchanged", () => {
  const fn = function original() {};
  const made = inline(fn);
  assert(made as unknown !== fn);
  assertEquals([definitionOf(fn), fn.name], [undefined, "original"]);
  assertStrictEquals(definitionOf(made)!.fn, fn);
});

test("inline() takes the name of the function, or 'anonymous'", () => {
  assertEquals([inline(function named() {}).name, inline(function named() {}).url], ["named", "inline:named"]);
  assertEquals([inline((() => () => 1)()).name, inline((() => () => 1)()).url], ["anonymous", "inline:anonymous"]);
});

test("inline() rejects functions without a source that can be sent", () => {
  const object = {
    method() {},
    get property() {
      return 1;
    },
  };
  const getter = Object.getOwnPropertyDescriptor(object, "property")!.get!;
  const sourceless: unknown[] = [
    object.method,
    getter,
    Math.max,
    (() => {}).bind(null),
    class {},
    class Named {},
    parseInt,
  ];
  for (const fn of sourceless) {
    assertThrows(() => inline(fn as never), TypeError, "pass an arrow function or a function expression", String(fn));
  }
});

test("inline() rejects values that are not functions", () => {
  for (const value of [undefined, "() => 1", {}]) {
    assertThrows(() => inline(value as never), TypeError, "'fn' must be a function");
  }
});

test("compile() runs in strict mode, without access to its surroundings", () => {
  const hidden = 5;
  assertEquals(typeof hidden, "number");
  assertEquals(compile("() => typeof hidden")(), "undefined");
  assertEquals(compile("function () { return this; }")(), undefined);
});

test("compile() accepts functions that build tools have wrapped to keep their names", () => {
  const source = 'function outer() { const inner = __name(() => 2, "inner"); return inner(); }';
  assertEquals(compile(source)(), 2);
  assertEquals(compile('() => __name(() => 2, "inner").name')(), "inner");
});

test("compile() rejects sources that are not expressions", () => {
  for (const source of ["method() {}", "get x() { return 1 }", "class {}", "return 1", ") => 1"]) {
    assertThrows(() => compile(source), SyntaxError);
  }
});
