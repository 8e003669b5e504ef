import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { addLocalTask, countLocalTasks, localTasks, nameByPlace } from "../../src/task/local_tasks.ts";

let addresses = 0;

/** A URL that no other test uses. */
function address(): string {
  return `file:///local_tasks_test/${++addresses}.ts`;
}

test("localTasks() finds tasks by URL and name, in order of creation", () => {
  const url = address();
  const [first, second] = [() => 1, () => 2];
  assertEquals([addLocalTask(url, "run", first, false), addLocalTask(url, "run", second, false)], [0, 1]);
  assertEquals(addLocalTask(url, "other", first, false), 0);
  assertEquals(addLocalTask(address(), "run", first, false), 0);
  const found = localTasks(url, "run");
  assertEquals(found.map(({ place }) => place), [0, 1]);
  assertStrictEquals(found[0]!.fn, first);
  assertStrictEquals(found[1]!.fn, second);
  assertEquals([countLocalTasks(url, "run"), countLocalTasks(url, "other"), countLocalTasks(url, "none")], [2, 1, 0]);
  assertEquals(localTasks(url, "none"), []);
});

test("localTasks() keeps URL and name apart", () => {
  const url = address();
  addLocalTask(url, "a\nb", () => 1, false);
  assertEquals(localTasks(`${url}\na`, "b").length, 1, "no address has a line break in it");
  assertEquals(localTasks(url, "a"), []);
});

test("nameByPlace() counts by URL", () => {
  const [one, other] = [address(), address()];
  assertEquals([nameByPlace(one), nameByPlace(one), nameByPlace(other)], [
    "anonymous#1",
    "anonymous#2",
    "anonymous#1",
  ]);
});

test("addLocalTask() does not keep every function that a program makes a task of", () => {
  const url = address();
  const kept = () => -1;
  addLocalTask(url, "run", kept, false);
  for (let i = 0; i < 5_000; i++) {
    // Give each function a different closure, so that no engine reuses an earlier function.
    const bytes = new Uint8Array(20_000);
    addLocalTask(url, "run", () => bytes.length, false);
  }
  const found = localTasks(url, "run");
  assertStrictEquals(found[0]!.fn, kept);
  assert(found.length <= 5_001);
  assertEquals([countLocalTasks(url, "run"), found.at(-1)!.place], [5_001, 5_000]);
});
