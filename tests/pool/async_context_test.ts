// Tests that a task in the same loop, and the code that follows it, sees the async context of its submission.

import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { current, inline, InlineExecutor, ThreadPoolExecutor } from "../../mod.ts";

const store = new AsyncLocalStorage<string>();
const see = inline(() => store.getStore());
const seeLater = inline(async () => {
  await Promise.resolve();
  return store.getStore();
});

test("InlineExecutor runs each task in the async context it was submitted in", async () => {
  const pool = new InlineExecutor({ maxWorkers: 1 });
  const futures = [see, seeLater, see].map((each, i) => store.run(`${i}`, () => pool.submit(each as typeof see)));
  assertEquals(await Promise.all(futures), ["0", "1", "2"]);
  assertEquals(await pool.submit(see), undefined);
  const mapped = store.run("map", () => pool.map(inline((_: number) => store.getStore()), [1, 2], { chunkSize: 2 }));
  assertEquals(await mapped, ["map", "map"]);
  await pool.shutdown();
});

test("InlineExecutor keeps the async context of a retried task", async () => {
  const pool = new InlineExecutor({ maxWorkers: 1 });
  const twice = inline(() => {
    if (current()!.attempt < 2) throw new Error("first");
    return store.getStore();
  });
  const retry = { minDelay: 0, maxDelay: 0 };
  assertEquals(await store.run("again", () => pool.with({ retry }).submit(twice)), "again");
  await pool.shutdown();
});

test("Future callbacks and chain links run in the async context of their submitter, also with workers", async () => {
  const threads = new ThreadPoolExecutor({ maxWorkers: 1 });
  const inProcess = new InlineExecutor();
  const seen: unknown[] = [];
  const chained = store.run("submitter", () => {
    const future = threads.submit(inline(() => 1));
    future.addDoneCallback(() => seen.push(store.getStore()));
    return future.thenSubmit(inProcess, inline((n: number) => [n, store.getStore()]));
  });
  assertEquals(await chained, [1, "submitter"]);
  assertEquals(seen, ["submitter"]);
  await Promise.all([threads.shutdown(), inProcess.shutdown()]);
});

test("current() is undefined in callbacks and initializers", async () => {
  const seen: unknown[] = [];
  const initializer = inline(() => void seen.push(current()));
  const outer = new InlineExecutor();
  const nested = inline(async () => {
    const inner = new InlineExecutor({ initializer });
    const name = await inner.submit(inline(() => current()!.executor));
    await inner.shutdown();
    return name;
  });
  assertEquals(await outer.submit(nested), "InlineExecutor");
  assertEquals(seen, [undefined]);
  await outer.shutdown();
});
