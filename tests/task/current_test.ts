import { test } from "node:test";
import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { InvalidStateError } from "../../src/core/errors.ts";
import { contexts, current, loadModule, refuseWhileLoading, type TaskContext } from "../../src/task/current.ts";

function contextOf(workerId: number): TaskContext {
  return {
    signal: new AbortController().signal,
    attempt: 1,
    id: "test-1",
    workerId,
    executor: "test",
    progress: () => {},
  };
}

/** A module that calls a function of this test when it is evaluated. */
function moduleThatCalls(fn: () => void): string {
  const name = `heddleTest${++modules}`;
  Object.assign(globalThis, { [name]: fn });
  return `data:text/javascript,${name}(); export const loaded = ${modules};`;
}

let modules = 0;

test("current() is undefined outside of tasks", () => {
  assertStrictEquals(current(), undefined);
});

test("current() follows await, timers and callbacks, separately for each task", async () => {
  async function look(): Promise<(number | undefined)[]> {
    const seen = [current()?.workerId];
    await null;
    seen.push(current()?.workerId);
    await new Promise<void>((resolve) => setTimeout(() => resolve(void seen.push(current()?.workerId))));
    return [...seen, await Promise.resolve().then(() => current()?.workerId)];
  }
  const both = await Promise.all([1, 2].map((id) => contexts.run(contextOf(id), look)));
  assertEquals(both, [[1, 1, 1, 1], [2, 2, 2, 2]]);
  assertStrictEquals(current(), undefined);
});

test("loadModule() returns the exports of a module", async () => {
  const module = await loadModule("data:text/javascript,export const answer = 42; export function f() {}");
  assertEquals([Object.keys(module).sort(), module.answer], [["answer", "f"], 42]);
});

test("refuseWhileLoading() throws while a module is evaluated, and names the way out", async () => {
  let refusal: unknown;
  await loadModule(moduleThatCalls(() => {
    refusal = assertThrows(() => refuseWhileLoading("ThreadPoolExecutor"), InvalidStateError, "import.meta.main");
  }));
  assertEquals((refusal as Error).message.startsWith("Cannot open a ThreadPoolExecutor while a worker loads"), true);
  refuseWhileLoading("ThreadPoolExecutor");
});

test("refuseWhileLoading() does not throw after a module that threw", async () => {
  await assertRejects(() => loadModule("data:text/javascript,throw new RangeError('of the module')"), RangeError);
  refuseWhileLoading("ThreadPoolExecutor");
});

test("refuseWhileLoading() lets a running task open a pool while another module is loaded", async () => {
  let opened = 0;
  await loadModule(moduleThatCalls(() => {
    contexts.run(contextOf(1), () => refuseWhileLoading("ThreadPoolExecutor"));
    opened++;
  }));
  assertEquals(opened, 1);
});
