// Tests two copies of the library in one program.

import { after, test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import * as ours from "../../mod.ts";
import { VERSION } from "../../src/core/copy.ts";
import * as tasks from "../fixtures/tasks.ts";
import { within } from "../support/poll.ts";
import { OTHER_VERSION, secondCopy } from "../support/second_copy.ts";

const copy = await secondCopy();
const { library: theirs, tasks: theirTasks } = copy;
const ourPool = new ours.ThreadPoolExecutor({ maxWorkers: 1 });
const theirPool = new theirs.ThreadPoolExecutor({ maxWorkers: 1 });

after(async () => {
  await Promise.all([ourPool.shutdown(), theirPool.shutdown()]);
  await copy[Symbol.asyncDispose]();
});

const VERSIONS = new RegExp(
  `another copy of Heddle, version ${OTHER_VERSION}, while this one is version ${VERSION.replaceAll(".", "\\.")}`,
);

/** Asserts that an error names both versions. */
function assertNamesCopies(error: unknown): void {
  assertInstanceOf(error, Error);
  assert(VERSIONS.test(error.message), error.message);
}

test("Tasks and pools of two copies work together", async () => {
  assert(ours.Future !== theirs.Future);
  assertEquals(await ourPool.submit(theirTasks.double, 4), 8);
  assertEquals(await theirPool.submit(tasks.double, 5), 10);
  assertEquals(await new ours.InlineExecutor().submit(theirTasks.attempt), 1);
  assertEquals(await ourPool.submit(theirTasks.attempt), 1);
});

test("thenSubmit() chains pools of different copies", async () => {
  const chained = ourPool.submit(tasks.double, 4).thenSubmit(theirPool, tasks.double).thenSubmit(ourPool, tasks.double);
  assertEquals(await within("the chain", chained), 32);
  const failed = ourPool.submit(tasks.double, 4).thenSubmit(theirPool, theirTasks.fail as never);
  assertEquals((await within("the failure", failed.exception()) as Error).name, "TimeoutError");
  const one = theirPool.submit(tasks.neverEnd);
  const waiting = ourPool.submit(tasks.double, 1).thenSubmit(theirPool, tasks.double);
  await ourPool.submit(tasks.double, 1);
  assert(waiting.cancel());
  one.abort("enough");
  assertEquals(await one.exception(), "enough");
});

test("TaskGroup and pipeline() run on the pool of another copy", async () => {
  const group = new ours.TaskGroup(theirPool);
  const futures = [group.submit(tasks.double, 1), group.submit(theirTasks.double, 2)];
  await within("the group", group.join());
  assertEquals(futures.map((future) => future.resultNow()), [2, 4]);
  const failing = group.submit(theirTasks.fail, "no");
  await assertRejects(() => within("the failed group", group.join()), Error, "no");
  assertInstanceOf(failing, ours.Future);
  await group[Symbol.asyncDispose]();
  const steps = ours.pipeline(theirPool).step(tasks.double).step(theirTasks.double, { executor: ourPool });
  const results: number[] = [];
  for await (const value of steps.map([1, 2, 3])) results.push(value);
  assertEquals(results, [4, 8, 12]);
});

test("transfer() of one copy moves buffers submitted to another", async () => {
  const bytes = new Uint8Array(1024);
  assertEquals(await ourPool.submit(theirTasks.size, theirs.transfer(bytes)), 1024);
  assertEquals(bytes.length, 0);
});

test("Errors of another copy keep their class", async () => {
  assertInstanceOf(await ourPool.submit(theirTasks.fail, "late").exception(), ours.TimeoutError);
  class Torn extends Error {}
  theirs.registerError(Torn);
  const back = await new ours.InlineExecutor().submit(tasks.echo, new Torn("x"));
  assertInstanceOf(back, Torn);
});

test("Objects of another copy are refused where they cannot be used, with both versions", async () => {
  const foreign: unknown[] = [new theirs.Lock(), new theirs.Queue(), new theirs.SharedQueue(), new theirs.Event()];
  for (const object of foreign) assertNamesCopies(await ourPool.submit(tasks.echo, { object }).exception());
  const future = theirPool.submit(tasks.double, 1);
  assertNamesCopies(assertThrows(() => ours.asCompleted([future as never])));
  assertNamesCopies(await ours.wait([future as never]).catch((error) => error));
  assertStrictEquals(await future, 2);
});
