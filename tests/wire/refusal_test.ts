import { test } from "node:test";
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { printPath, reasonOf, Refusal, refusalError } from "../../src/wire/refusal.ts";
import { threadChannel } from "../../src/wire/thread_link.ts";
import { CHANNELS, refusalOf } from "./values.ts";

const throwing = {
  get broken(): never {
    throw new Error("out of order");
  },
};

/** Values that cannot be cloned, and the reasons in the errors. */
const REFUSED: [name: string, value: unknown, refusal: string][] = [
  ["a function", () => {}, "Cannot send value: a function cannot travel"],
  ["a class", class {}, "Cannot send value: a function cannot travel"],
  ["a symbol", Symbol("s"), "Cannot send value: a symbol cannot travel"],
  ["in an object", { a: { onDone: () => {} } }, "Cannot send value.a.onDone: a function cannot travel"],
  ["in an array", [1, [2, () => {}]], "Cannot send value[1][1]: a function cannot travel"],
  ["in a sparse array", Object.assign([, , () => {}], {}), 'Cannot send value["2"]: a function cannot travel'],
  ["under an odd key", { "a-b": { "": () => {} } }, 'Cannot send value["a-b"][""]: a function cannot travel'],
  ["under a key of another script", { größe: Symbol() }, "Cannot send value.größe: a symbol cannot travel"],
  ["a value of a Map", new Map([["k", () => {}]]), 'Cannot send value.get("k"): a function cannot travel'],
  [
    "a key of a Map",
    new Map([[1, 1], [() => {}, 2]] as never),
    "Cannot send value.keys()[1]: a function cannot travel",
  ],
  [
    "a value of a Map under an object",
    new Map([[{}, 1], [{}, { f: () => {} }]] as never),
    "Cannot send value.get(keys()[1]).f: a function cannot travel",
  ],
  ["in a Set", new Set([1, 2, [() => {}]]), "Cannot send value.values()[2][0]: a function cannot travel"],
  ["a throwing getter", [throwing], "Cannot send value[0].broken: reading it failed: out of order"],
  [
    "behind a value that travels",
    { a: { b: 1 }, c: [new Map()], d: () => {} },
    "Cannot send value.d: a function cannot travel",
  ],
  ["a Promise", [Promise.resolve(1)], "Cannot send value[0]: an instance of Promise cannot travel"],
  ["a WeakMap", { cache: new WeakMap() }, "Cannot send value.cache: an instance of WeakMap cannot travel"],
  ["a WeakRef", new WeakRef({}), "Cannot send value: an instance of WeakRef cannot travel"],
];

for (const [name, channel] of CHANNELS) {
  test(`A refusal names path and reason, by ${name}`, () => {
    for (const [what, value, refusal] of REFUSED) assertEquals(refusalOf(value, channel), refusal, what);
  });
}

test("A refusal begins its path with the name of the root", () => {
  const args = [{ options: { onDone: () => {} } }];
  assertEquals(
    refusalOf(args, undefined, "args"),
    "Cannot send args[0].options.onDone: a function cannot travel",
  );
});

test("A detached buffer is refused with its path", () => {
  const buffer = new ArrayBuffer(8);
  const view = new Uint8Array(buffer);
  const words = new DataView(buffer);
  buffer.transfer();
  assertEquals(refusalOf({ buffer }), "Cannot send value.buffer: a detached ArrayBuffer cannot travel");
  assertEquals(refusalOf([view]), "Cannot send value[0]: a detached ArrayBuffer cannot travel");
  assertMatch(refusalOf([words]), /^Cannot send value\[0\]: /);
});

test("A value that is nested too deeply is refused, and the message stays readable", () => {
  let list: unknown[] = [];
  let object: Record<string, unknown> = {};
  let map = new Map();
  for (let i = 0; i < 200_000; i++) {
    list = [list];
    object = { next: object };
    map = new Map([["next", map]]);
  }
  for (const value of [list, object, map]) {
    const refusal = refusalOf(value);
    assertMatch(refusal, /: it is nested too deeply$/);
    assertEquals(refusal.length < 1_000, true, `The message has ${refusal.length} characters`);
  }
});

test("An instance with private state is refused", () => {
  class Account {
    #balance = 1;
    get balance(): number {
      return this.#balance;
    }
  }
  class Savings extends Account {
    rate = 2;
  }
  const reason = "an instance of Account keeps private fields, which cannot travel";
  assertEquals(refusalOf(new Account()), `Cannot send value: ${reason}`);
  assertEquals(refusalOf([new Savings()]), `Cannot send value[0]: ${reason}`);
});

test("An instance of a host class is refused", () => {
  const { port1, port2 } = new MessageChannel();
  const instances: [string, object][] = [
    ["AbortController", new AbortController()],
    ["AbortSignal", new AbortController().signal],
    ["EventTarget", new EventTarget()],
    ["Event", new Event("e")],
    ["Headers", new Headers()],
    ["Request", new Request("http://127.0.0.1/")],
    ["Response", new Response("body")],
    ["ReadableStream", new ReadableStream()],
    ["WritableStream", new WritableStream()],
    ["URL", new URL("http://127.0.0.1/")],
    ["URLSearchParams", new URLSearchParams("a=1")],
    ["FormData", new FormData()],
    ["Blob", new Blob(["text"])],
    ["TextEncoder", new TextEncoder()],
    ["MessagePort", port1],
  ];
  for (const [name, instance] of instances) {
    assertMatch(refusalOf([instance]), /^Cannot send value\[0\]: an instance of \w+ /, name);
  }
  port1.close();
  port2.close();
});

test("An instance of a class that extends a host class is refused", () => {
  class Bus extends EventTarget {
    topic = "all";
  }
  assertMatch(refusalOf(new Bus()), /^Cannot send value: an instance of EventTarget /);
});

test("Generators and iterators are refused", () => {
  const iterators: object[] = [
    (function* () {})(),
    (async function* () {})(),
    [1].values(),
    new Map().entries(),
    new Set().values(),
    "text"[Symbol.iterator](),
    "text".matchAll(/t/g),
  ];
  for (const iterator of iterators) assertNotEquals(refusalOf([iterator]), "");
});

test("A SharedArrayBuffer is refused only by processes", () => {
  const value = { memory: new SharedArrayBuffer(8) };
  assertEquals(refusalOf(value), "Cannot send value.memory: a SharedArrayBuffer cannot leave its process");
  assertEquals(refusalOf(value, threadChannel(false)), "");
});

test("A value that cannot be cloned is left out of an error, and the error arrives", () => {
  const error = Object.assign(new Error("failed", { cause: { retry: () => {} } }), {
    socket: new WeakMap(),
    code: "E",
  });
  assertEquals(refusalOf(error), "");
});

test("refusalError() is a DOMException named DataCloneError", () => {
  const error = refusalError("result", "a function cannot travel");
  assertEquals([error instanceof DOMException, error.name, error.code], [true, "DataCloneError", 25]);
  assertEquals(error.message, "Cannot send result: a function cannot travel");
});

test("printPath() writes paths in the syntax of code", () => {
  const steps = [0, "name", "$_1", "1st", "with space", { step: "values", at: 3 } as const, "é"];
  assertEquals(printPath("args", steps), 'args[0].name.$_1["1st"]["with space"].values()[3].é');
  assertEquals(printPath("result", []), "result");
});

test("reasonOf() describes any thrown value", () => {
  assertEquals(reasonOf(new Refusal("a function cannot travel")), "a function cannot travel");
  assertEquals(reasonOf(new Error("no")), "reading it failed: no");
  assertEquals(reasonOf("text"), 'reading it failed: "text"');
  assertEquals(reasonOf(Object.create(null)), "reading it failed: an object");
  assertEquals(reasonOf(new RangeError("Maximum call stack size exceeded.")), "it is nested too deeply");
  assertEquals(reasonOf(new RangeError("Invalid array length")), "reading it failed: Invalid array length");
});
