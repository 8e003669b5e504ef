import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import { inline, InvalidStateError, ManagedList, ManagedMap, ManagedNamespace, Manager } from "../../mod.ts";
import * as tasks from "../fixtures/manager_tasks.ts";
import { ALL, testEach, WORKERS } from "../support/executors.ts";
import { untilStarted, within } from "../support/poll.ts";

const GONE = "Cannot use a managed object: its manager is shut down";

test("ManagedMap holds copies, and any primitive value is a key", async () => {
  const map = new Manager().map<unknown, unknown>([["first", { list: [1] }]]);
  const value = { list: [2] };
  for (const key of ["__proto__", 1, 2n, null, undefined, NaN, true]) await map.set(key, value);
  value.list.push(3);
  (await map.get(1) as { list: number[] }).list.push(4);
  assertEquals([await map.get("__proto__"), await map.get(NaN), await map.get("none")], [
    { list: [2] },
    { list: [2] },
    undefined,
  ]);
  assertEquals(await map.keys(), ["first", "__proto__", 1, 2n, null, undefined, NaN, true]);
  assertEquals([await map.size(), await map.has(2n), await map.has(2)], [8, true, false]);
  assertEquals([await map.delete(1), await map.delete(1), await map.size()], [true, false, 7]);
  assertEquals((await map.entries())[0], ["first", { list: [1] }]);
  await map.clear();
  assertEquals([await map.entries(), await map.values()], [[], []]);
  await assertRejects(() => map.set({}, 1), TypeError, "'key' must be a primitive value");
  await assertRejects(() => map.set("a", { fn: () => {} }), DOMException, "Cannot send args[1].fn");
  assertEquals(await map.size(), 0);
});

test("ManagedMap.update() changes a value atomically", async () => {
  const map = new Manager().map<string, number>();
  const updates = Array.from({ length: 10 }, () => map.update("n", tasks.slowlyAdd));
  assertEquals(await map.get("n"), undefined);
  const set = map.set("n", 100);
  const last = map.update("n", tasks.addTo, 5);
  assertEquals(await Promise.all(updates), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  await set;
  assertEquals([await last, await map.get("n")], [105, 105]);
  assertEquals(await map.update("other", inline((n: number | undefined, by: number) => (n ?? 1) * by), 3), 3);
});

test("ManagedMap.update() keeps the value if the task throws", async () => {
  const map = new Manager().map<string, { list: number[] }>([["a", { list: [1] }]]);
  const error = await assertRejects(() => map.update("a", tasks.spoil), RangeError, "spoiled");
  assertEquals([(error as RangeError & { code: string }).code, await map.get("a")], ["E_SPOILED", { list: [1] }]);
  await assertRejects(() => map.update("a", tasks.functions as never), DOMException, "result.inside[0]");
  await assertRejects(() => map.update("a", (() => 1) as never), TypeError, "it is not a task");
  assertEquals(await map.get("a"), { list: [1] });
});

test("ManagedList has the methods of an array in asynchronous form", async () => {
  const list = new Manager().list([1, 2, 3]);
  assertEquals([await list.at(0), await list.at(-1), await list.at(3)], [1, 3, undefined]);
  await list.set(1, 20);
  await list.set(-1, 30);
  assertEquals([await list.slice(), await list.slice(1), await list.slice(0, 1)], [[1, 20, 30], [20, 30], [1]]);
  await assertRejects(() => list.set(3, 0), RangeError, "current value is 3");
  await assertRejects(() => list.set(-4, 0), RangeError, "current value is -4");
  await assertRejects(() => new Manager().list<number>().update(0, tasks.addTo, 1), RangeError, "the list is empty");
  const added = [list.update(0, tasks.slowlyAdd), list.shift(), list.push(4)] as const;
  assertEquals(await Promise.all(added), [2, 2, 3]);
});

test("Manager.shutdown() ends all its objects, and their waits", async () => {
  const manager = new Manager();
  const map = manager.map([["a", 1]]);
  const list = manager.list();
  const names = manager.namespace({ a: 1 });
  const [queue, lock, semaphore, event] = [manager.queue(), manager.lock(), manager.semaphore(), manager.event()];
  const permit = lock.tryAcquire()!;
  const waits = [queue.get(), lock.acquire(), lock.run(() => {}), semaphore.acquire({ count: 2 }), event.wait()];
  const failed = waits.map((wait) => assertRejects(() => wait, InvalidStateError, GONE));
  await manager.shutdown();
  await manager[Symbol.asyncDispose]();
  await Promise.all(failed);
  permit.release();
  const calls = [
    () => map.get("a"),
    () => map.update("a", tasks.addTo, 1),
    () => list.push(1),
    () => names.get("a"),
    () => queue.put(1),
    () => lock.acquire(),
    () => event.wait({ timeout: 0 }),
  ];
  for (const call of calls) await assertRejects(call, InvalidStateError, GONE);
  for (const call of [() => queue.size, () => lock.tryAcquire(), () => event.set(), () => manager.map()]) {
    assertThrows(call, InvalidStateError, GONE);
  }
});

test("Manager.queue() rejects an aborted get(), which takes no later item", async () => {
  const manager = new Manager();
  const controller = new AbortController();
  const queue = manager.queue<number>();
  const aborted = assertRejects(() => queue.get({ signal: controller.signal }), Error, "mine");
  controller.abort(new Error("mine"));
  await aborted;
  await queue.put(1);
  assertEquals([queue.size, await queue.get()], [1, 1]);
  await assertRejects(() => queue.get({ timeout: -1 }), RangeError);
});

test("Managed objects can be made only by managers", () => {
  for (const Class of [ManagedList, ManagedMap, ManagedNamespace]) {
    assertThrows(() => new (Class as new () => object)(), TypeError, "of a Manager instead");
  }
});

testEach(ALL, "fills a map of a manager from tasks", async ({ open }) => {
  const manager = new Manager();
  const map = manager.map<string, number>();
  const pool = open({ maxWorkers: 2 });
  const words = Array.from({ length: 50 }, (_, n) => n % 2 === 0 ? "even" : "odd");
  await Promise.all([pool.submit(tasks.count, map, words), pool.submit(tasks.count, map, words)]);
  assertEquals(await map.entries(), [["even", 50], ["odd", 50]]);
  await manager.shutdown();
});

testEach(ALL, "delivers the errors of a managed map with all properties", async ({ shared }) => {
  const manager = new Manager();
  const map = manager.map<unknown, unknown>([["list", { list: [1] }]]);
  const say = (what: string) => shared().submit(tasks.failing, map, what);
  const key = "TypeError: Cannot use a managed map as 'key' must be a primitive value: current value is ";
  assert((await say("key")).startsWith(key));
  assertEquals(await say("value"), "DataCloneError: Cannot send args[1].deep[0]: a function cannot travel");
  assertEquals(await say("update"), "RangeError: spoiled (E_SPOILED)");
  assertEquals(await say("result"), "DataCloneError: Cannot send result.inside[0]: a function cannot travel");
  assert((await say("task")).includes("it is not a task"));
  assertEquals(await map.entries(), [["list", { list: [1] }]]);
  await manager.shutdown();
  assertEquals(await say("get"), `InvalidStateError: ${GONE}`);
});

testEach(ALL, "uses lists and namespaces of a manager", async ({ shared }) => {
  const manager = new Manager();
  const got = await shared().submit(tasks.useList, manager.list([1, 2, 3]));
  assertEquals(got, [15, 15, 1, 4, [2], 5, [7, 8, 9, 3, 4]]);
  const names = manager.namespace({ level: 1, label: "old" });
  assertEquals(await shared().submit(tasks.useNames, names), ["new", 2, ["level", "label"]]);
  assertEquals(await names.entries(), [["level", 2], ["label", "new"]]);
});

testEach(ALL, "uses queues, locks, semaphores and events of a manager", async ({ open }) => {
  const manager = new Manager();
  const [queue, lock, semaphore, event] = [
    manager.queue<number>(),
    manager.lock(),
    manager.semaphore(),
    manager.event(),
  ];
  const future = open({ maxWorkers: 1 }).submit(tasks.useAll, queue, lock, semaphore, event);
  event.set();
  await queue.put(21);
  assertEquals([await future, await queue.get(), lock.locked, semaphore.available], [21, 42, false, 1]);
});

testEach(WORKERS, "rejects a worker's wait when the manager has shut down", async ({ shared }) => {
  const manager = new Manager();
  const future = shared().submit(tasks.waitForEver, manager.queue<number>());
  await untilStarted(future);
  await manager.shutdown();
  assertEquals(await within("the worker to hear of it", future), `InvalidStateError: ${GONE}`);
});

testEach(ALL, "returns a managed object as the same object", async ({ shared }) => {
  const manager = new Manager();
  for (const each of [manager.map(), manager.list(), manager.namespace(), manager.queue(), manager.lock()]) {
    assertStrictEquals(await shared().submit(tasks.giveBack, each), each);
  }
  assertInstanceOf(manager.map(), ManagedMap);
});
