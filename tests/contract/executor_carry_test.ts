// Tests that tasks see the values of their caller's async context.

import { AsyncLocalStorage } from "node:async_hooks";
import { assertEquals, assertNotStrictEquals, assertRejects, assertThrows } from "@std/assert";
import { pipeline, TaskGroup } from "../../src/futures/mod.ts";
import { carry } from "../../src/task/mod.ts";
import { seen, seenAgain, seenBelow, seenLater, seenValues, trace, user } from "../fixtures/carry_tasks.ts";
import { double } from "../fixtures/tasks.ts";
import { ALL, testEach, WORKERS } from "../support/executors.ts";

/** A store that is not registered in workers. */
const unknown = new AsyncLocalStorage<string>();
carry("unknown", unknown);

testEach(ALL, "carry() passes the values of the stores at the submit to the task", async ({ shared }) => {
  const pool = shared();
  assertEquals(await pool.submit(seen), [undefined, undefined]);
  const ada = { name: "Ada", tags: new Set(["x"]) };
  const future = user.run(ada, () => trace.run("t1", () => pool.submit(seen)));
  const [value] = await future;
  assertEquals([value, (await future)[1]], [ada, "t1"]);
  assertNotStrictEquals(value, ada);
  assertEquals(await user.run("Bob", () => pool.submit(seen)), ["Bob", undefined]);
  assertEquals(await pool.submit(seen), [undefined, undefined]);
});

testEach(ALL, "carry() keeps a value across an await of the task", async ({ shared }) => {
  const pool = shared();
  const futures = ["Ada", "Bob"].map((name) => user.run(name, () => pool.submit(seenLater, name)));
  assertEquals(await Promise.all(futures), [["Ada", "Ada"], ["Bob", "Bob"]]);
});

testEach(ALL, "carry() passes values to every attempt", async ({ shared }) => {
  const pool = shared().with({ retry: { maxAttempts: 2, minDelay: 0 } });
  assertEquals(await user.run("Ada", () => pool.submit(seenAgain)), "Ada");
});

testEach(ALL, "carry() passes values through nested pools", async ({ shared }) => {
  assertEquals(await user.run("Ada", () => shared().submit(seenBelow)), ["Ada", undefined]);
});

testEach(ALL, "carry() passes the values at the call of map to all of its tasks", async ({ shared }) => {
  const pool = shared();
  const results = user.run("Ada", () => pool.map(seenLater, [1, 2, 3, 4, 5], { chunkSize: 2, bufferSize: 2 }));
  const found: unknown[] = [];
  for await (const each of user.run("Bob", () => results)) found.push(each);
  assertEquals(found, [1, 2, 3, 4, 5].map((n) => [n, "Ada"]));
});

testEach(ALL, "carry() passes values along chains, groups and pipelines", async ({ shared }) => {
  const pool = shared();
  const chained = user.run("Ada", () => pool.submit(double, 1).thenSubmit(pool, seenLater));
  assertEquals(await chained, [2, "Ada"]);
  const group = new TaskGroup(pool);
  const [grouped] = [user.run("Bob", () => group.submit(seenLater, 3))];
  assertEquals(await grouped, [3, "Bob"]);
  await group[Symbol.asyncDispose]();
  const line = pipeline(pool).step(double).step(seenLater);
  const sent = ["Ada", "Bob"].map((name) => user.run(name, () => line.run(2)));
  assertEquals(await Promise.all(sent), [[4, "Ada"], [4, "Bob"]]);
});

testEach(ALL, "carry() ignores a name that the worker has not registered", async ({ kind, shared }) => {
  const [value] = await unknown.run("here", () => shared().submit(seen));
  assertEquals(value, undefined, kind.name);
});

testEach(ALL, "carry() rejects a task whose value cannot be sent, with the path of the value", async ({ shared }) => {
  const pool = shared();
  const future = user.run({ socket: () => {} }, () => pool.submit(seenLater, 1));
  const error = await assertRejects(() => future, DOMException);
  assertEquals([error.name, error.message], [
    "DataCloneError",
    "Cannot send carry.user.socket: a function cannot travel",
  ]);
  const argument = user.run("Ada", () => pool.submit(seenLater, () => {}));
  assertEquals(
    (await assertRejects(() => argument, DOMException)).message,
    "Cannot send args[0]: a function cannot travel",
  );
});

testEach(ALL, "carry() passes values to a stream", async ({ shared }) => {
  const pool = shared();
  const stream = user.run("Ada", () => pool.stream(seenValues, 3));
  const found: unknown[] = [];
  for await (const value of user.run("Bob", () => stream)) found.push(value);
  assertEquals(found, ["Ada", "Ada", "Ada"]);
});

testEach(ALL, "carries values into a blocking call", ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const ada = { name: "Ada", tags: new Set(["x"]) };
  for (let i = 0; i < 3; i++) {
    assertEquals(user.run(ada, () => trace.run("t1", () => pool.callSync(seen))), [ada, "t1"]);
    assertEquals(pool.callSync(seen), [undefined, undefined]);
  }
  assertEquals(user.run("Bob", () => pool.callSync(double, 4)), 8);
});

testEach(WORKERS, "carries values into a blocking call of a task that waits", ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  for (const name of ["Ada", "Bob"]) assertEquals(user.run(name, () => pool.callSync(seenLater, 1)), [1, name]);
  const error = assertThrows(() => user.run({ socket: () => {} }, () => pool.callSync(seen)), DOMException);
  assertEquals(error.message, "Cannot send carry.user.socket: a function cannot travel");
});
