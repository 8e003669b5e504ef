// Tests the public features of a cluster over a real server.

import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { writeFileSync } from "node:fs";
import * as bullmq from "bullmq";
import {
  BrokenExecutorError,
  CancelledError,
  inline,
  InlineExecutor,
  InvalidStateError,
  Lock,
  pipeline,
  TaskGroup,
  ThreadPoolExecutor,
  TimeoutError,
  transfer,
} from "../../mod.ts";
import { ClusterExecutor, type ClusterFuture, ClusterHost } from "../../src/cluster/mod.ts";
import * as tasks from "../fixtures/cluster_tasks.ts";
import { add, double, echo } from "../fixtures/tasks.ts";
import { type TestServer, testServer } from "../support/cluster/server.ts";
import { Folder } from "../support/gate.ts";
import { until, untilStarted, within } from "../support/poll.ts";
import { freePort } from "../../scripts/redis/server.ts";

const found = await testServer();
const NO_SERVER = typeof found === "string" ? found : false;
const server = found as TestServer;

/** The shared host on threads and executor of all tests. */
let shared: { host: ClusterHost; cluster: ClusterExecutor } | undefined;
let left = 0;

function onCluster(name: string, fn: (cluster: ClusterExecutor) => Promise<void>): void {
  left++;
  test(name, { skip: NO_SERVER }, async () => {
    if (shared === undefined) {
      const given = [...Object.values(tasks), add, double, echo];
      const executor = new ThreadPoolExecutor({ maxWorkers: 2 });
      const options = { ...server.on("shared"), lease: 2_000 };
      const host = new ClusterHost({ ...options, tasks: given as never, executor }).start();
      shared = { host, cluster: new ClusterExecutor(options) };
    }
    const { host, cluster } = shared;
    try {
      await fn(cluster);
    } finally {
      if (--left === 0) {
        await within("the end of the cluster", cluster.shutdown({ cancelFutures: true }));
        await within("the end of the host", host.drain());
      }
    }
  });
}

onCluster("ClusterExecutor runs tasks, maps and pipelines on its hosts", async (cluster) => {
  await cluster.ready();
  const future = cluster.submit(add, 2, 3);
  await future.accepted;
  assertEquals(await future, 5);
  assertEquals(cluster.maxWorkers, 2);
  assertEquals(await cluster.map(double, [1, 2, 3]), [2, 4, 6]);
  assertEquals(await cluster.starmap(add, [[1, 2], [3, 4], [5, 6]], { chunkSize: 2 }), [3, 7, 11]);
  assertEquals(await pipeline(cluster).step(double).step(double).run(3), 12);
  const [host] = cluster.stats().hosts;
  assert(host!.tasks.includes("double"));
  const now = new Date();
  const value = { now, map: new Map([[1, new Set([2n])]]), bytes: new Uint8Array([1, 2, 3]), nothing: undefined };
  assertEquals(await cluster.submit(echo, value), value);
});

onCluster("ClusterExecutor passes tasks their id, which is the same at each attempt", async (cluster) => {
  const first = cluster.submit(tasks.identity);
  assertEquals(await first, { id: first.id, attempt: 1 });
  const future = cluster.with({ retry: { maxAttempts: 3, minDelay: 1 } }).submit(tasks.failTwice);
  assertEquals(await future, (future as ClusterFuture<string>).id);
});

onCluster("with({ key }) makes a submit idempotent", async (cluster) => {
  for (const key of ["42", "a:b", "meta", "", "\ud800", "ключ", "k.x"]) {
    const keyed = cluster.with({ key });
    const one = keyed.submit(add, 1, 2);
    assertEquals(await one, 3);
    assertEquals(one.id, key);
    // The arguments of a second submit are ignored.
    assertEquals(await keyed.submit(add, 10, 20), 3);
    assertInstanceOf(await keyed.submit(double, 1).exception(), InvalidStateError);
    assertEquals(await cluster.future(key), 3);
  }
  const both = [1, 2].map((n) => cluster.with({ key: "at once" }).submit(add, n, n));
  assertEquals(await Promise.all(both), [2, 2]);
});

onCluster(
  "future(id) returns the future of another executor's task, and rejects for an unknown id",
  async (cluster) => {
    const other = new ClusterExecutor({ ...server.on("shared"), lease: 2_000 });
    const slow = cluster.submit(tasks.workFor, 7, 200, "");
    const followed = other.future<number>(slow.id);
    assertEquals(await followed, 49);
    assertEquals(await other.future<number>(slow.id), 49);
    assertInstanceOf(await other.future("unknown").exception(), InvalidStateError);
    await within("the end", other.shutdown());
  },
);

onCluster("pause() holds back the tasks of one executor, and terminate() stops them", async (cluster) => {
  const other = new ClusterExecutor({ ...server.on("shared"), lease: 2_000 });
  await other.with({ priority: 1 }).ready();
  other.pause();
  const held = [1, 2, 3].map((n) => other.submit(double, n));
  assertEquals(await cluster.submit(double, 4), 8);
  await assertRejects(() => held[0]!.result({ timeout: 50 }), TimeoutError);
  other.resume();
  assertEquals(await within("the tasks that were held back", Promise.all(held)), [2, 4, 6]);
  await within("room()", other.room());
  const running = other.submit(tasks.untilStopped);
  await untilStarted(running);
  const failure = assertRejects(() => running, CancelledError);
  await within("the end", other.terminate());
  await failure;
  await assertRejects(() => other.room(), InvalidStateError);
  await assertRejects(() => other.ready(), InvalidStateError);
  assertEquals(await within("the next task", cluster.submit(double, 5)), 10);
});

onCluster("dead() lists tasks that have failed for good, and retryDead() runs them again", async (cluster) => {
  const folder = new Folder();
  try {
    const path = folder.file("needed");
    const error = await cluster.with({ key: "needs a file" }).submit(tasks.needFile, path).exception();
    assertInstanceOf(error, TypeError);
    const dead = (await cluster.dead()).find(({ id }) => id === "needs a file")!;
    assertEquals([dead.name, dead.attempts, (dead.error as Error).message], ["needFile", 1, "there is no such file"]);
    writeFileSync(path, "");
    assertEquals(await cluster.retryDead("needs a file"), "found");
    assertEquals(await cluster.with({ key: "needs a file" }).submit(tasks.needFile, path), "found");
    await assertRejects(() => cluster.retryDead("needs a file"), InvalidStateError, "has not failed");
    await assertRejects(() => cluster.retryDead("unknown"), InvalidStateError);
  } finally {
    folder.remove();
  }
});

onCluster(
  "with({ retry }) carries the earlier errors, and the server shows the reason in one line",
  async (cluster) => {
    const future = cluster.with({ retry: { maxAttempts: 2, minDelay: 1 } }).submit(tasks.failTwice);
    const error = await future.exception() as RangeError & { errors: RangeError[] };
    assertInstanceOf(error, RangeError);
    assertEquals(error.message, `attempt 2 of ${(future as ClusterFuture<string>).id}`);
    assertEquals(error.errors.map(({ message }) => message.slice(0, 9)), ["attempt 1"]);
    assertStringIncludes(error.stack!, "cluster_tasks");
    assertStringIncludes(error.stack!, "server_test");
    const options = server.on("shared");
    const queue = new bullmq.Queue(options.queue!, { connection: options.connection });
    const job = await queue.getJob((future as ClusterFuture<string>).id);
    assertEquals([job!.name, job!.attemptsMade, job!.failedReason!.split("\n")[0]], [
      "failTwice",
      2,
      `RangeError: ${error.message}`,
    ]);
    await queue.close();
  },
);

onCluster("with({ priority, delay }) decide the order", async (cluster) => {
  const order: string[] = [];
  const busy = [1, 2].map(() => cluster.submit(tasks.untilStopped));
  await untilStarted(...busy);
  const futures = ([["low", -5], ["normal", 0], ["high", 5]] as const).map(([name, priority]) => {
    const future = cluster.with({ priority }).submit(double, 1);
    future.addDoneCallback(() => order.push(name));
    return future;
  });
  const start = performance.now();
  const later = cluster.with({ delay: 300 }).submit(double, 1);
  await Promise.all(futures.map(({ accepted }) => accepted));
  // One place becomes free, so that the tasks run one after another.
  busy[0]!.abort("enough");
  await Promise.all([...futures, later]);
  assert(performance.now() - start >= 295);
  assertEquals(order, ["high", "normal", "low"]);
  busy[1]!.abort("enough");
  await Promise.allSettled(busy);
});

onCluster("cancel() drops a waiting task, and abort() reaches a running one", async (cluster) => {
  const running = [1, 2].map(() => cluster.submit(tasks.untilStopped));
  await untilStarted(...running);
  const waiting = cluster.submit(double, 1);
  await waiting.accepted;
  assert(waiting.cancel());
  await until("it was decided", () => waiting.done);
  assert(waiting.cancelled);
  assertEquals(running[0]!.cancel(), false);
  const group = new TaskGroup(cluster);
  const member = group.submit(double, 2);
  for (const future of running) {
    future.abort("enough");
    assertEquals(future.exceptionNow(), "enough");
  }
  assertEquals(await member, 4);
  await group[Symbol.asyncDispose]();
  await until("none runs", () => cluster.stats().running === 0);
});

onCluster("with({ timeout }) rejects at the limit", async (cluster) => {
  const error = await cluster.with({ timeout: 50 }).submit(tasks.untilStopped).exception();
  assertInstanceOf(error, TimeoutError);
  await until("none runs", () => cluster.stats().running === 0);
});

onCluster("submit() refuses objects that are bound to this machine, and names them", async (cluster) => {
  const lock = await cluster.submit(echo, { lock: new Lock() }).exception() as DOMException;
  assertEquals([lock.name, lock.message], [
    "DataCloneError",
    "Cannot send args[0].lock: a Lock is bound to this machine",
  ]);
  const memory = await cluster.submit(echo, new SharedArrayBuffer(8)).exception() as DOMException;
  assertStringIncludes(memory.message, "args[0]: a SharedArrayBuffer is bound to this machine");
  const moved = await cluster.submit(echo, transfer(new ArrayBuffer(8))).exception() as DOMException;
  assertStringIncludes(moved.message, "bound to this machine");
  const large = await cluster.submit(echo, new Uint8Array(2 ** 21)).exception();
  assertInstanceOf(large, RangeError);
  assertStringIncludes(large.message, "maxPayloadBytes is 1048576");
  assertThrows(() => cluster.submit(inline((n: number) => n), 1), TypeError, "inline");
  for (const options of [{ priority: 1.5 }, { priority: 2_000_000 }]) {
    assertThrows(() => cluster.with(options), RangeError);
  }
  for (
    const options of [{ retry: { retryIf: () => true } }, { resources: {} }, { aging: 1 }, { key: 1 }, { dely: 1 }]
  ) {
    assertThrows(() => cluster.with(options as never), TypeError);
  }
});

test("resultTtl decides how long results stay, and is sent only if it is not the default", {
  skip: NO_SERVER,
}, async () => {
  const options = { ...server.on("ttl"), lease: 2_000 };
  const host = new ClusterHost({ ...options, tasks: [double], executor: new InlineExecutor() }).start();
  const [usual, brief] = [new ClusterExecutor(options), new ClusterExecutor({ ...options, resultTtl: 1_000 })];
  const queue = new bullmq.Queue(options.queue!, { connection: options.connection as bullmq.RedisOptions });
  try {
    const first = usual.submit(double, 1);
    assertEquals(await first, 2);
    assertEquals((await queue.getJob(first.id))!.opts.removeOnComplete, undefined);
    await until("the first result is gone", async () => {
      const next = brief.submit(double, 2);
      assertEquals(await next, 4);
      assertEquals((await queue.getJob(next.id))!.opts.removeOnComplete, { age: 1 });
      return await queue.getJob(first.id) === undefined;
    });
  } finally {
    await within("the end", Promise.all([usual.shutdown(), brief.shutdown(), queue.close()]));
    await within("the end of the host", host.drain());
  }
});

test("ClusterExecutor.ready() rejects at its timeout, naming host and port but no secret", async () => {
  const port = await freePort();
  const cluster = new ClusterExecutor({
    engine: bullmq,
    connection: { url: `redis://user:secret@127.0.0.1:${port}` },
    disconnectTimeout: 300,
  });
  const future = cluster.submit(double, 1);
  const error = await assertRejects(() => cluster.ready({ timeout: 100 }), BrokenExecutorError);
  assertStringIncludes(error.message, `127.0.0.1:${port}`);
  assert(!error.message.includes("secret"));
  const lost = await within("the loss", future.exception()) as Error;
  assertInstanceOf(lost, BrokenExecutorError);
  assert(!lost.message.includes("secret"));
  await within("the end", cluster.shutdown());
});

test("ClusterExecutor and ClusterHost reject invalid options", () => {
  const good = { engine: bullmq, connection: {} };
  const bad: [object, typeof TypeError | typeof RangeError][] = [
    [{ ...good, engine: {} }, TypeError],
    [{ ...good, connection: "redis://" }, TypeError],
    [{ ...good, queue: "a:b" }, TypeError],
    [{ ...good, lease: 1 }, RangeError],
    [{ ...good, hostTimeout: -1 }, RangeError],
    [{ ...good, leese: 1 }, TypeError],
    [{ ...good, onHostLoss: "ignore" }, TypeError],
  ];
  for (const [options, Wrong] of bad) assertThrows(() => new ClusterExecutor(options as never), Wrong);
  const executor = { submit: () => {}, maxWorkers: 1 };
  const hosts = [{}, { tasks: [] }, { tasks: [1] }, { tasks: [inline(() => 1)] }, { tasks: { nothing: 1 } }];
  for (const options of hosts) {
    assertThrows(() => new ClusterHost({ ...good, executor, ...options } as never), TypeError);
  }
  assertThrows(() => new ClusterHost({ ...good, tasks: { double } } as never), TypeError);
});
