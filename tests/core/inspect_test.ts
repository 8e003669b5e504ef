// Tests how objects appear on the console of each runtime.

import { inspect } from "node:util";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import * as heddle from "../../mod.ts";
import { printsAs } from "../../src/core/inspect.ts";

type Inspect = (value: unknown) => string;
const { Deno: deno, Bun: bun } = globalThis as { Deno?: { inspect: Inspect }; Bun?: { inspect: Inspect } };

/** Returns the output of `console.log` in one line and with one kind of quotes. */
function printed(value: unknown): string {
  const text = (deno ?? bun ?? { inspect }).inspect(value);
  return text.replace(/\s+/g, " ").replaceAll("'", '"').replaceAll(", }", " }");
}

class Sample {
  readonly size: number = 2;
  readonly #secret = 5;

  static {
    printsAs(this, "Sample", ["size", "missing", "refused", "inner"]);
  }

  get missing(): undefined {
    return undefined;
  }
  get refused(): number {
    throw new Error(`not here: ${this.#secret}`);
  }
  get inner(): number[] {
    return [1];
  }
}

test("printsAs() shows the readable members, also of nested objects", () => {
  const text = "Sample { size: 2, inner: [ 1 ] }";
  assertEquals(printed(new Sample()), text);
  assertEquals(printed({ a: new Sample() }), `{ a: ${text} }`);
  assert(inspect(new Sample()).includes("size: 2"), "node:util");
});

test("printsAs() names a class that extends another", () => {
  class Larger extends Sample {}
  assertEquals(printed(new Larger()), "Larger { size: 2, inner: [ 1 ] }");
});

test("printsAs() accepts a class whose name is not an identifier", () => {
  const odd = class {};
  Object.defineProperty(odd, "name", { value: "class" });
  printsAs(odd, "no name", []);
  assert(printed(new odd()).endsWith("{}"));
});

test("Future shows its state, and its value or error", async () => {
  const pool = new heddle.InlineExecutor({ maxWorkers: 1 });
  const { promise, resolve } = Promise.withResolvers<number>();
  const [first, second] = [pool.submit(heddle.inline(() => promise)), pool.submit(heddle.inline(() => undefined))];
  assertEquals(printed(second), 'Future { state: "pending" }');
  second.cancel();
  assertEquals(printed(second), 'Future { state: "cancelled" }');
  await pool.submit(heddle.inline(() => {})).result({ timeout: 0 }).catch(() => {});
  assertEquals(printed(first), `Future { state: "${first.running ? "running" : "pending"}" }`);
  resolve(3);
  await first;
  assertEquals(printed(first), 'Future { state: "fulfilled", value: 3 }');
  const failed = pool.submit(heddle.inline(() => Promise.reject(new TypeError("no luck"))));
  await failed.exception();
  assert(/^Future \{ state: "rejected", error: .*no luck.*\}$/.test(printed(failed)), printed(failed));
  await pool.shutdown();
});

test("Future that has failed is not observed by printing it", async () => {
  const pool = new heddle.InlineExecutor({ maxWorkers: 1 });
  const heard = Promise.withResolvers<string>();
  pool.addEventListener("unobserved", ({ detail }) => heard.resolve(detail.task));
  const failed = pool.submit(heddle.inline(function loses() {
    throw new Error("x");
  }));
  printed(failed);
  pool.addEventListener("taskend", () => void printed(failed));
  assertEquals(await heard.promise, "loses");
  printed(failed);
  assertEquals(pool.stats().unobserved, 1);
  await pool.shutdown();
});

test("Executors, threads, locks, queues and throttles show their names and states", async () => {
  const pool = new heddle.ThreadPoolExecutor({ maxWorkers: 2, name: "crunch" });
  const idle = "workers: 0, waiting: 0, running: 0 }";
  assertEquals(printed(pool), `ThreadPoolExecutor { name: "crunch", state: "open", maxWorkers: 2, ${idle}`);
  await pool.shutdown();
  assertEquals(printed(pool), `ThreadPoolExecutor { name: "crunch", state: "shut down", maxWorkers: 2, ${idle}`);
  const queue = new heddle.Queue<number>(3);
  await queue.put(1);
  const semaphore = new heddle.Semaphore(3);
  const permit = await semaphore.acquire({ count: 2 });
  const nothing = heddle.inline(() => {});
  const texts: [unknown, string][] = [
    [new heddle.Thread(nothing, [], { name: "a" }), 'Thread { name: "a", state: "new", daemon: false }'],
    [new heddle.Process(nothing, [], { name: "b" }), 'Process { name: "b", state: "new", daemon: false }'],
    [heddle.mainThread(), 'Thread { name: "MainThread", state: "running", ident: 1, daemon: false }'],
    [queue, "Queue { size: 1, maxSize: 3, unfinished: 1, isShutDown: false }"],
    [new heddle.PriorityQueue(), "PriorityQueue { size: 0, maxSize: 0, unfinished: 0, isShutDown: false }"],
    [new heddle.SharedQueue(), "SharedQueue { size: 0, maxSize: 0, unfinished: 0, isShutDown: false }"],
    [semaphore, "Semaphore { available: 1 }"],
    [permit, "Permit { count: 2, released: false }"],
    [new heddle.Lock(), "Lock { locked: false }"],
    [new heddle.Condition(), "Condition { locked: false }"],
    [new heddle.Event(), "Event { isSet: false }"],
    [new heddle.Barrier(2), "Barrier { parties: 2, waiting: 0, broken: false }"],
    [new heddle.RwLock(), "RwLock { readers: 0, writing: false }"],
    [new heddle.Throttle({ limit: 2 }), "Throttle { limit: 2, active: 0, waiting: 0 }"],
    [new heddle.SharedArray("int8", 4), 'SharedArray { type: "int8", length: 4 }'],
    [heddle.pipe({ duplex: false })[0], "Connection { readable: true, writable: false, closed: false }"],
    [new heddle.Manager().lock(), "Lock { locked: false }"],
    [new heddle.Manager().map(), "ManagedMap {}"],
  ];
  for (const [value, text] of texts) assertEquals(printed(value), text);
});
