import { test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { checkOptions, optionNames, readOptions } from "../../src/core/options.ts";

interface Given {
  name?: string;
  limit?: number;
  signal?: AbortSignal;
}
const KNOWN = optionNames<Given>({ name: true, limit: true, signal: true });
const WHAT = "Cannot go on as 'options'";

function check(given: unknown, what: string = WHAT): Given {
  return checkOptions(what, given as Given, KNOWN);
}

test("checkOptions() returns a copy that inherits nothing", () => {
  const given = { name: "a", limit: undefined };
  const options = check(given);
  assertEquals<unknown>({ ...options }, given);
  assertStrictEquals("toString" in options, false);
  assertEquals<unknown>({ ...checkOptions(WHAT, options, KNOWN) }, given);
  assertEquals<unknown>({ ...check(Object.freeze(Object.assign(Object.create(null), given))) }, given);
});

test("checkOptions() suggests the nearest option, or lists all", () => {
  const messages: [unknown, string, string][] = [
    [{ nmae: "a" }, WHAT, 'Cannot go on: unknown option "nmae", did you mean "name"?'],
    [{ limit: 1, Name: "a" }, WHAT, 'Cannot go on: unknown option "Name", did you mean "name"?'],
    [{ limits: 1 }, "Cannot go on as 'rate'", 'Cannot go on: unknown option "rate.limits", did you mean "rate.limit"?'],
    [{ xyz: 1 }, WHAT, 'Cannot go on: unknown option "xyz", known options are "name", "limit", "signal"'],
    [
      new (class {
        names = "a";
      })(),
      WHAT,
      'Cannot go on: unknown option "names", did you mean "name"?',
    ],
  ];
  for (const [given, what, message] of messages) {
    assertEquals(assertThrows(() => check(given, what), TypeError).message, message);
  }
});

test("checkOptions() ignores an unknown name whose value is undefined", () => {
  assertEquals(check({ nmae: undefined, name: "a" }).name, "a");
});

test("checkOptions() reads inherited options, but not those of Object.prototype", () => {
  class Base {
    get name(): string {
      return "base";
    }
  }
  class Own extends Base {
    readonly #limit = 5;
    get limit(): number {
      return this.#limit;
    }
    helper(): void {}
  }
  assertEquals({ ...check(new Own()) }, { name: "base", limit: 5 });
  assertEquals({ ...check(Object.assign(Object.create({ name: "a", limit: 1 }), { limit: 2 })) }, {
    name: "a",
    limit: 2,
  });
  const controller = new AbortController();
  assertStrictEquals(check(controller).signal, controller.signal);
  const prototype = Object.prototype as Given & { enabled?: boolean };
  Object.assign(prototype, { name: "polluted", enabled: true });
  try {
    for (const given of [{}, Object.create({}), new (class {})()]) assertStrictEquals(check(given).name, undefined);
  } finally {
    delete prototype.name;
    delete prototype.enabled;
  }
});

test("checkOptions() rejects values that are not options", () => {
  for (const value of [null, undefined, 1, "text", () => {}, [], ["name"]]) {
    assertThrows(() => check(value), TypeError, "Cannot go on as 'options' must be an object: ");
  }
  assertThrows(() => check(AbortSignal.abort()), TypeError, "an AbortSignal; pass it as { signal }");
});

test("readOptions() keeps unknown names for a later check", () => {
  assertEquals({ ...readOptions(WHAT, { nmae: "a", limit: 1 } as Given, KNOWN) }, { nmae: "a", limit: 1 } as never);
});
