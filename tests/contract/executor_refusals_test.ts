// Tests that every executor refuses values that cannot be cloned, with their path and the reason.

import { assert, assertEquals, assertFalse, assertInstanceOf, assertMatch } from "@std/assert";
import { type Executor, type Task, transfer } from "../../mod.ts";
import * as failing from "../fixtures/failing_tasks.ts";
import * as tasks from "../fixtures/tasks.ts";
import { ALL, PROCESSES, testEach } from "../support/executors.ts";

class Account {
  #balance = 0;
  get balance(): number {
    return this.#balance;
  }
}

const DETACHED = new ArrayBuffer(4);
DETACHED.transfer();

/** Arguments, and the path and reason in the error. */
const ARGUMENTS: [unknown[], string | RegExp][] = [
  [[() => {}], "Cannot send args[0]: a function cannot travel"],
  [[1, { options: { onDone: () => {} } }], "Cannot send args[1].options.onDone: a function cannot travel"],
  [[{ list: [1, { "odd key": Symbol("s") }] }], 'Cannot send args[0].list[1]["odd key"]: a symbol cannot travel'],
  [[new Map([["a", { deep: () => {} }]])], 'Cannot send args[0].get("a").deep: a function cannot travel'],
  [[new Set([() => {}])], "Cannot send args[0].values()[0]: a function cannot travel"],
  [[{ later: Promise.resolve() }], "Cannot send args[0].later: an instance of Promise cannot travel"],
  [[[new WeakMap()]], "Cannot send args[0][0]: an instance of WeakMap cannot travel"],
  [[{ ref: new WeakRef({}) }], "Cannot send args[0].ref: an instance of WeakRef cannot travel"],
  [
    [{ signal: new AbortController().signal }],
    /^Cannot send args\[0\]\.signal: an instance of AbortSignal\b.*cannot travel$/,
  ],
  [
    [{ account: new Account() }],
    "Cannot send args[0].account: an instance of Account keeps private fields, which cannot travel",
  ],
  [[DETACHED], "Cannot send args[0]: a detached ArrayBuffer cannot travel"],
  [[{
    get bad() {
      throw new Error("do not look");
    },
  }], "Cannot send args[0].bad: reading it failed: do not look"],
];

/** Results, and the path and reason in the error. */
const RESULTS: [string, string][] = [
  ["function", "Cannot send result: a function cannot travel"],
  ["nested", "Cannot send result.items[0]: a function cannot travel"],
  ["symbol", "Cannot send result.kind: a symbol cannot travel"],
  ["promise", "Cannot send result.later: an instance of Promise cannot travel"],
  ["weak map", "Cannot send result[0]: an instance of WeakMap cannot travel"],
  ["getter", "Cannot send result.bad: reading it failed: do not look"],
  ["private", "Cannot send result: an instance of Private keeps private fields, which cannot travel"],
];

async function refusal(pool: Executor, task: Task<unknown[], unknown>, args: unknown[]): Promise<string> {
  const error = await pool.submit(task, ...args).exception();
  assertInstanceOf(error, DOMException);
  assertEquals(error.name, "DataCloneError");
  return error.message;
}

testEach(ALL, "submit() refuses arguments that cannot be cloned, with path and reason", async ({ shared }) => {
  const pool = shared();
  for (const [args, expected] of ARGUMENTS) {
    const message = await refusal(pool, tasks.count, args);
    if (typeof expected === "string") assertEquals(message, expected);
    else assertMatch(message, expected);
  }
  assertEquals(await pool.submit(tasks.add, 1, 1), 2);
});

testEach(ALL, "submit() refuses results that cannot be cloned, with path and reason", async ({ shared }) => {
  const pool = shared();
  for (const [what, expected] of RESULTS) {
    assertEquals(await refusal(pool, failing.returnRefused as Task<unknown[], unknown>, [what]), expected);
  }
  assertEquals(await pool.submit(tasks.add, 1, 1), 2);
  assertEquals(pool.stats().restarts, 0);
});

testEach([PROCESSES], "submit() refuses shared memory, which cannot leave its process", async ({ shared }) => {
  const pool = shared();
  const expected = "Cannot send args[0].memory: a SharedArrayBuffer cannot leave its process";
  assertEquals(await refusal(pool, tasks.count, [{ memory: new SharedArrayBuffer(8) }]), expected);
});

testEach(ALL, "submit() refuses an instance of a host class", async ({ shared }) => {
  const pool = shared();
  for (const [value, name] of [[new Headers(), "Headers"], [new URL("http://a.test"), "URL"]] as const) {
    const message = await refusal(pool, tasks.count, [{ value }]);
    // Some runtimes prefix the names of their classes with an underscore.
    assertMatch(message, new RegExp(`^Cannot send args\\[0\\]\\.value: an instance of _?${name}\\b.*cannot travel$`));
  }
});

testEach(ALL, "submit() does not detach a buffer if the call is refused", async ({ shared }) => {
  const pool = shared();
  const bytes = new Uint8Array([1, 2, 3]);
  const future = pool.submit(tasks.count, transfer(bytes), () => {});
  assertInstanceOf(await future.exception(), DOMException);
  assertFalse(bytes.buffer.detached);
  assertEquals(bytes.length, 3);
});

testEach(ALL, "submit() does not detach a buffer if the signal is already aborted", async ({ shared }) => {
  const bytes = new Uint8Array([1, 2, 3]);
  const view = shared().with({ signal: AbortSignal.abort(new Error("too late")) });
  const error = await view.submit(tasks.count, transfer(bytes)).exception();
  assertEquals((error as Error).message, "too late");
  assertFalse(bytes.buffer.detached);
});

testEach(ALL, "map() delivers the results before an item that cannot be cloned", async ({ shared }) => {
  const pool = shared();
  for (const chunkSize of [1, 2]) {
    const seen: unknown[] = [];
    let error: unknown;
    try {
      for await (const value of pool.map(tasks.echo, [1, 2, () => {}, 4], { chunkSize })) seen.push(value);
    } catch (caught) {
      error = caught;
    }
    assertEquals(seen, [1, 2]);
    assertInstanceOf(error, DOMException);
    assertMatch(error.message, /a function cannot travel$/);
  }
});

testEach(ALL, "progress() throws if the value cannot be cloned", async ({ shared }) => {
  const message = await shared().submit(tasks.reportFunction);
  assertEquals(message, "Cannot send progress.step: a function cannot travel");
});

testEach(ALL, "submit() runs further tasks after twenty refused results", async ({ shared }) => {
  const pool = shared();
  const futures = Array.from({ length: 20 }, () => pool.submit(failing.returnRefused, "nested"));
  for (const future of futures) assertInstanceOf(await future.exception(), DOMException);
  assert((await pool.map(tasks.double, [1, 2])).length === 2);
});
