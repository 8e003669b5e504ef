import { test } from "node:test";
import { assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { bootstrap, dataModule } from "../../src/runtime/bootstrap.ts";
import { runtime } from "../../src/runtime/mod.ts";
import type { HostExit, WorkerScope } from "../../src/runtime/types.ts";
import { workerScope } from "../../src/runtime/worker_scope.ts";

const KEY = Symbol.for("heddle.worker");

/** What the entries of these tests have to say. */
interface Seen {
  calls: unknown[];
  scope: WorkerScope | undefined;
  done(): void;
}

/** Imports the first module of a worker into this thread, and waits until its entry says that it is done. */
async function run(entry: string, ...rest: [hello?: unknown, program?: unknown]): Promise<Seen> {
  const seen: Seen = { calls: [], scope: undefined, done: () => {} };
  const done = new Promise<void>((resolve) => seen.done = resolve);
  Object.assign(globalThis, { heddleSeen: seen });
  try {
    await import(dataModule(bootstrap(dataModule(entry), "serveThread", ...rest)));
    await done;
    return seen;
  } finally {
    Reflect.deleteProperty(globalThis, KEY);
    Reflect.deleteProperty(globalThis, "heddleSeen");
  }
}

const KEY_TEXT = `globalThis[Symbol.for("heddle.worker")]`;

test("dataModule() makes a module of any source", async () => {
  const source = 'export const text = "100% #1? & é \\n 👋";';
  assertEquals((await import(dataModule(source))).text, "100% #1? & é \n 👋");
});

test("bootstrap() takes any address", () => {
  assertMatch(bootstrap('file:///a"b/é.ts', "serveProcess"), /import\("file:\/\/\/a\\"b\/é\.ts"\)/);
});

test("bootstrap() says that this is a worker before it imports the entry, and calls its function", async () => {
  assertEquals(workerScope(), undefined);
  const entry = `const { scope = ${KEY_TEXT} } = heddleSeen; heddleSeen.scope = { ...scope };
    export const serveThread = (hello) => heddleSeen.done(heddleSeen.calls.push(hello));`;
  const { calls, scope } = await run(entry, { name: "a" }, { main: "file:///main.ts" });
  assertEquals(calls, [{ name: "a" }]);
  assertEquals({ ...scope }, {
    start: "serveThread",
    hello: { name: "a" },
    program: { main: "file:///main.ts" },
    loading: true,
  });
  assertEquals(workerScope(), undefined);
});

test("bootstrap() calls the function of the library in a bundle, whatever the bundle exports", async () => {
  const entry = `${KEY_TEXT}.serveThread = () => heddleSeen.done(heddleSeen.calls.push("library"));
    export const serveThread = () => heddleSeen.done(heddleSeen.calls.push("program"));`;
  assertEquals((await run(entry)).calls, ["library"]);
});

test("bootstrap() tells the library in a bundle that the program failed", async () => {
  const entry =
    `${KEY_TEXT}.refuse = (error) => heddleSeen.done(heddleSeen.calls.push(error.message)); throw new Error("of the program");`;
  assertEquals((await run(entry)).calls, ["of the program"]);
});

test("bootstrap() ends a worker whose entry does not load", async () => {
  const release = runtime.keepAlive();
  const exit = await new Promise<HostExit>((exit) => {
    runtime.startThread(dataModule(`throw new RangeError("of the entry");`), undefined, "test", { message() {}, exit });
  });
  release();
  assertInstanceOf(exit.error, Error);
  assertMatch(exit.error.message, /of the entry/);
});
