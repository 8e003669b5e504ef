import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { InvalidStateError } from "../../src/core/errors.ts";
import { fulfil, type Future, reject, whenObserved } from "../../src/futures/future.ts";
import { TaskGroup } from "../../src/futures/task_group.ts";
import { within } from "../support/poll.ts";
import { fakeExecutor, type FakeTask, groupOf, work } from "./fake_group.ts";
import { CountedSignal, microtasks } from "./fake_source.ts";

function leave(group: TaskGroup): Promise<void> {
  return group[Symbol.asyncDispose]();
}

/** Returns the name of a reason and its cause. */
function told(reason: unknown): [string, unknown] {
  return [(reason as DOMException).name, (reason as DOMException).cause];
}

test("TaskGroup.join() waits for all members", async () => {
  const { group, tasks } = groupOf(2);
  let joined = false;
  const joining = group.join().then(() => joined = true);
  fulfil(tasks[0]!.future, "a");
  await microtasks();
  assertEquals(joined, false);
  // The group also waits for members that are added during join().
  group.submit(work, "late");
  fulfil(tasks[1]!.future, "b");
  await microtasks();
  assertEquals(joined, false);
  fulfil(tasks[2]!.future, "c");
  await within("the end", joining);
  await leave(group);
  await new TaskGroup(fakeExecutor().pool).join();
});

test("TaskGroup aborts the other members at the first failure, and waits for them", async () => {
  const { group, tasks } = groupOf(3);
  const [failing, running, waiting] = tasks as [FakeTask, FakeTask, FakeTask];
  running.running = true;
  const error = new Error("first");
  const left = leave(group).catch((error) => error);
  let over = false;
  left.then(() => over = true);
  reject(failing.future, error);
  assertEquals([told(running.reason), waiting.future.done], [["AbortError", error], true]);
  assertEquals(told(waiting.future.exceptionNow()), ["AbortError", error]);
  assert(group.signal.aborted);
  await microtasks();
  assertEquals(over, false);
  fulfil(running.future, "heard");
  assertStrictEquals(await within("the end", left), error);
  assertEquals(group.errors, [error]);
});

test("TaskGroup.errors lists every failure in order, without the aborts it caused", async () => {
  const { group, tasks } = groupOf(3);
  for (const task of tasks) task.running = true;
  const errors = [new Error("first"), new Error("second")];
  reject(tasks[1]!.future, errors[0]);
  reject(tasks[0]!.future, errors[1]);
  reject(tasks[2]!.future, tasks[2]!.reason);
  assertStrictEquals(await group.join().catch((error) => error), errors[0]);
  assertEquals(group.errors, errors);
});

test("TaskGroup refuses tasks after it was aborted", async () => {
  const { group, tasks } = groupOf(1);
  const error = new Error("first");
  reject(tasks[0]!.future, error);
  const late = group.submit(work, "late");
  assertEquals([told(late.exceptionNow()), tasks.length], [["AbortError", error], 1]);
  assertThrows(() => group.submit((() => 1) as never), TypeError, "not a task");
  await assertRejects(() => leave(group), Error, "first");
});

test("TaskGroup does not count a cancelled member as a failure", async () => {
  const { group, tasks } = groupOf(2);
  tasks[0]!.future.cancel();
  fulfil(tasks[1]!.future, "fine");
  await leave(group);
  assertEquals(group.errors, []);
});

test("TaskGroup does not rethrow an error that join() or the future itself has thrown", async () => {
  for (const ask of [(group: TaskGroup) => group.join(), (_: TaskGroup, future: Future<string>) => future.result()]) {
    const { group, tasks } = groupOf(1);
    const asked = ask(group, tasks[0]!.future).catch((error) => error);
    reject(tasks[0]!.future, "x");
    assertEquals(await asked, "x");
    await leave(group);
  }
  const { group, tasks } = groupOf(1);
  tasks[0]!.future.addDoneCallback(() => {});
  reject(tasks[0]!.future, "x");
  assertEquals(await leave(group).catch((error) => error), "x");
  await leave(group);
});

test("TaskGroup.abort() rejects with its reason, by default an AbortError", async () => {
  for (const reason of [undefined, new Error("why")]) {
    const { group, tasks } = groupOf(2);
    tasks[1]!.running = true;
    if (reason === undefined) group.abort();
    else group.abort(reason);
    reject(tasks[1]!.future, tasks[1]!.reason);
    const error = await leave(group).catch((error) => error);
    assertEquals(reason === undefined ? error.name : error, reason ?? "AbortError");
    assertEquals(group.errors, []);
  }
});

test("TaskGroup is aborted by its signal, and leaves no listener on it", async () => {
  const counted = new CountedSignal();
  const { group, tasks } = groupOf(3, { signal: counted.signal });
  assertEquals(counted.listeners, 1);
  counted.controller.abort("stop");
  assertEquals(tasks.map((task) => task.future.exceptionNow()), ["stop", "stop", "stop"]);
  assertEquals(await group.join().catch((error) => error), "stop");
  await leave(group);
  assertEquals(counted.listeners, 0);
  const late = groupOf(1, { signal: counted.signal });
  assertEquals(late.tasks.length, 0);
  const unused = new CountedSignal();
  await leave(groupOf(0, { signal: unused.signal }).group);
  assertEquals(unused.listeners, 0);
});

test("TaskGroup of mode 'first-success' ends with the first success", async () => {
  const { group, tasks } = groupOf(3, { mode: "first-success" });
  const error = new Error("failed before");
  reject(tasks[0]!.future, error);
  assertEquals(tasks[1]!.future.done, false);
  fulfil(tasks[1]!.future, "won");
  assertEquals(told(tasks[2]!.future.exceptionNow()), ["AbortError", undefined]);
  await group.join();
  await leave(group);
  assertStrictEquals(group.winner, tasks[1]!.future);
  assertEquals(group.errors, [error]);
});

test("TaskGroup of mode 'first-success' fails with the first failure if no member succeeds", async () => {
  const { group, tasks } = groupOf(2, { mode: "first-success" });
  reject(tasks[1]!.future, "first");
  reject(tasks[0]!.future, "second");
  assertEquals(await leave(group).catch((error) => error), "first");
  assertEquals([group.errors, group.winner], [["first", "second"], undefined]);
});

test("TaskGroup of mode 'all' aborts no members", async () => {
  const { group, tasks } = groupOf(3, { mode: "all" });
  reject(tasks[1]!.future, "first");
  reject(tasks[0]!.future, "second");
  group.submit(work, "more");
  fulfil(tasks[3]!.future, "fine");
  fulfil(tasks[2]!.future, "fine");
  assertEquals(await leave(group).catch((error) => error), "first");
  assertEquals([group.errors, group.signal.aborted], [["first", "second"], false]);
});

test("TaskGroup leaves failures unobserved until it is joined", async () => {
  const { group, tasks } = groupOf(1);
  let seen = false;
  reject(tasks[0]!.future, "x");
  whenObserved(tasks[0]!.future, () => seen = true);
  assertEquals(seen, false);
  await group.join().catch(() => {});
  assertEquals(seen, true);
});

test("TaskGroup in a group is aborted with it, and aborts it with its first failure", async () => {
  const { group: outer, tasks, pool } = groupOf(1);
  const inner = new TaskGroup(outer);
  inner.submit(work, "in the inner one");
  const deep = new TaskGroup(inner);
  deep.submit(work, "in the inmost one");
  assertEquals([pool !== undefined, tasks.length], [true, 3]);
  const error = new Error("deep");
  reject(tasks[2]!.future, error);
  for (const task of tasks.slice(0, 2)) assertEquals(told(task.future.exceptionNow()), ["AbortError", error]);
  for (const group of [deep, inner, outer]) assertStrictEquals(await leave(group).catch((error) => error), error);
  assertEquals([outer.errors, inner.errors, deep.errors], [[error], [error], [error]]);
});

test("TaskGroup rejects with the failure of an inner group even if its join() was caught", async () => {
  for (const sibling of ["runs", "ended", "none"] as const) {
    const { group: outer, tasks } = groupOf(0);
    const inner = new TaskGroup(outer);
    const error = new Error("inner");
    if (sibling !== "none") outer.submit(work, "sibling");
    inner.submit(work, "fails");
    const [other, failing] = sibling === "none" ? [undefined, tasks[0]!] : [tasks[0]!, tasks[1]!];
    if (other !== undefined) other.running = sibling === "runs";
    if (sibling === "ended") fulfil(other!.future, "fine");
    const joined = inner.join().catch((error) => error);
    reject(failing.future, error);
    if (sibling === "runs") reject(other!.future, other!.reason);
    assertStrictEquals(await joined, error);
    // The inner join has thrown, so leaving the inner group throws nothing more.
    await leave(inner);
    assertStrictEquals(await leave(outer).catch((error) => error), error, sibling);
    await leave(outer);
  }
});

test("TaskGroup does not reject if a handler of the failed future itself received the error", async () => {
  for (const handle of [(f: Future<string>) => f.catch(() => {}), (f: Future<string>) => f.result().catch(() => {})]) {
    const { group: outer, tasks } = groupOf(0);
    const inner = new TaskGroup(outer);
    const handled = handle(inner.submit(work, "fails"));
    reject(tasks[0]!.future, new Error("inner"));
    await handled;
    await leave(inner);
    await leave(outer);
    assertEquals(outer.errors.length, 1);
  }
});

test("TaskGroup counts the failures of an inner group of mode 'all', which abort nothing", async () => {
  const { group: outer, tasks } = groupOf(1);
  const inner = new TaskGroup(outer, { mode: "all" });
  for (const name of ["a", "b", "c"]) inner.submit(work, name);
  reject(tasks[2]!.future, "second task");
  reject(tasks[1]!.future, "first task");
  assertEquals([outer.signal.aborted, inner.signal.aborted], [false, false]);
  fulfil(tasks[3]!.future, "fine");
  fulfil(tasks[0]!.future, "fine");
  assertEquals(await leave(inner).catch((error) => error), "second task");
  assertEquals(await leave(outer).catch((error) => error), "second task");
  assertEquals(outer.errors, ["second task", "first task"]);
});

test("TaskGroup counts the failures of an inner group of mode 'first-success' only if no task succeeded", async () => {
  for (const wins of [true, false]) {
    for (const left of [true, false]) {
      const { group: outer, tasks } = groupOf(0);
      const inner = new TaskGroup(new TaskGroup(outer), { mode: "first-success" });
      inner.submit(work, "a");
      inner.submit(work, "b");
      reject(tasks[0]!.future, "lost");
      if (wins) fulfil(tasks[1]!.future, "won");
      else reject(tasks[1]!.future, "lost as well");
      if (left) await leave(inner).catch(() => {});
      assertEquals(await leave(outer).then(() => "fine", (error) => error), wins ? "fine" : "lost");
      assertEquals(outer.errors, wins ? [] : ["lost", "lost as well"]);
    }
  }
});

test("TaskGroup of mode 'all' rejects with the first failure that no handler received", async () => {
  const { group, tasks } = groupOf(3, { mode: "all" });
  const handled = tasks[0]!.future.catch((error) => error);
  reject(tasks[0]!.future, "handled");
  reject(tasks[1]!.future, "first");
  fulfil(tasks[2]!.future, "fine");
  assertEquals([await handled, await leave(group).catch((error) => error)], ["handled", "first"]);
  const { group: later, tasks: more } = groupOf(1, { mode: "all" });
  reject(more[0]!.future, "joined");
  assertEquals(await later.join().catch((error) => error), "joined");
  later.submit(work, "late");
  reject(more[1]!.future, "behind the join");
  assertEquals(await leave(later).catch((error) => error), "behind the join");
});

test("TaskGroup waits for the members of its inner groups", async () => {
  const { group: outer, tasks } = groupOf(0);
  const inner = new TaskGroup(outer);
  inner.submit(work, "x");
  let over = false;
  const left = leave(outer).then(() => over = true);
  await microtasks();
  assertEquals(over, false);
  fulfil(tasks[0]!.future, "x");
  await within("the end", left);
  assertThrows(() => inner.submit(work, "x"), InvalidStateError, "was left");
});

test("TaskGroup aborts inner groups, even those without members", async () => {
  const { group: outer } = groupOf(0);
  const inner = new TaskGroup(outer);
  outer.abort("stop");
  assertEquals(inner.submit(work, "x").exceptionNow(), "stop");
  assertEquals(new TaskGroup(outer).submit(work, "x").exceptionNow(), "stop");
  assertEquals(await leave(inner).catch((error) => error), "stop");
  assertEquals(await leave(outer).catch((error) => error), "stop");
});

test("TaskGroup refuses tasks after it was left, and rejects invalid arguments", async () => {
  const { group, pool } = groupOf(0);
  await leave(group);
  await leave(group);
  assertThrows(() => group.submit(work, "x"), InvalidStateError, "was left");
  assertThrows(() => new TaskGroup(group), InvalidStateError, "was left");
  assertThrows(() => new TaskGroup(5 as never), TypeError, "must be an executor or a group: current value is 5");
  assertThrows(() => new TaskGroup(pool, { mode: "none" as never }), TypeError, "'mode'");
  assertThrows(() => new TaskGroup(pool, { signal: 5 as never }), TypeError, "'signal'");
});
