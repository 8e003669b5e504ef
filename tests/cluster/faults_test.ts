// Tests faults between an executor and its hosts, on a server in memory: every future settles.

import { assert, assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { BrokenExecutorError, CancelledError, InvalidStateError, TaskGroup, WorkerLostError } from "../../mod.ts";
import { identity, untilStopped, workFor } from "../fixtures/cluster_tasks.ts";
import { done, LEASE, withRig } from "../support/cluster/rig.ts";

for (let i = 1; i <= 3; i++) {
  withRig(`fault 1: the first task right after opening settles (${i})`, async (rig) => {
    rig.host();
    const future = rig.cluster.submit(identity);
    assert(await done(rig, future) < 1_000);
    assertEquals((await future).id, future.id);
  });
}

withRig("fault 2: all of 300 tasks settle although most of their events are lost", async (rig) => {
  rig.host(50);
  let count = 0;
  rig.server.fate = (event) => !event.startsWith("heddle") && ++count % 10 !== 0 ? "lost" : "comes";
  const futures = Array.from({ length: 300 }, () => rig.cluster.submit(identity));
  for (const future of futures) await done(rig, future, 60_000);
  assertEquals(new Set(await Promise.all(futures.map(async (future) => (await future).id))).size, 300);
});

withRig("fault 2: duplicate or late events settle a task once", async (rig) => {
  rig.host(4);
  let count = 0;
  rig.server.fate = (event) => event.startsWith("heddle") ? "comes" : ++count % 2 === 0 ? "twice" : 300;
  const futures = Array.from({ length: 50 }, () => rig.cluster.submit(identity));
  for (const future of futures) await done(rig, future);
  assertEquals(rig.cluster.stats().completed, 50);
});

withRig("fault 3: waiting tasks are rejected with the cause when the server was emptied", async (rig) => {
  const futures = Array.from({ length: 400 }, () => rig.cluster.submit(identity));
  await rig.pass(500);
  rig.server.flush();
  const start = rig.clock.now();
  for (const future of futures) await done(rig, future);
  assert(rig.clock.now() - start < 5_000);
  for (const future of futures) {
    const error = future.exceptionNow();
    assertInstanceOf(error, BrokenExecutorError);
    assertStringIncludes(error.message, "emptied");
  }
});

withRig("fault 4: the task of a dead host runs on another one", async (rig) => {
  rig.host();
  const future = rig.cluster.submit(untilStopped);
  await rig.pass(200);
  assert(future.running);
  rig.engine.workers[0]!.kill();
  rig.host();
  while (rig.server.queue("heddle").log.filter((line) => line.startsWith("active")).length < 2) await rig.pass(100);
  await rig.pass(200);
  future.abort("enough");
  assertEquals(future.exceptionNow(), "enough");
});

withRig("fault 4: the task ends in a WorkerLostError without a retry if onHostLoss is 'fail'", async (rig) => {
  rig.host();
  const future = rig.cluster.submit(untilStopped);
  await rig.pass(200);
  rig.engine.workers[0]!.kill();
  rig.host();
  await done(rig, future);
  assertInstanceOf(future.exceptionNow(), WorkerLostError);
}, { onHostLoss: "fail" });

withRig("fault 4: a task that has lost three hosts ends in a WorkerLostError, and can be run again", async (rig) => {
  const future = rig.cluster.submit(untilStopped);
  for (let i = 0; i < 3; i++) {
    rig.host();
    while (!future.running) await rig.pass(100);
    rig.engine.workers[i]!.kill();
    while (future.running) await rig.pass(100);
  }
  rig.host();
  await done(rig, future);
  const error = future.exceptionNow();
  assertInstanceOf(error, WorkerLostError);
  assertStringIncludes(error.message, "3 hosts");
  const [dead] = await rig.cluster.dead();
  assertEquals([dead!.id, dead!.name], [future.id, "untilStopped"]);
  const again = rig.cluster.retryDead(future.id).catch((error) => error);
  await rig.pass(500);
  const followed = rig.cluster.future(future.id);
  await rig.pass(500);
  followed.addDoneCallback(() => {});
  assert(!followed.done);
  rig.cluster.shutdown({ wait: false });
  await again;
});

withRig("fault 4: a server that comes back loses nothing", async (rig) => {
  rig.host(2);
  const futures = Array.from({ length: 20 }, () => rig.cluster.submit(identity));
  await rig.pass(100);
  rig.server.drop();
  const more = Array.from({ length: 20 }, () => rig.cluster.submit(identity));
  await rig.pass(3_000);
  rig.server.raise();
  for (const future of [...futures, ...more]) await done(rig, future);
  await Promise.all([...futures, ...more]);
});

withRig("a server that does not return rejects waiting tasks, without credentials in the error", async (rig) => {
  rig.host();
  await rig.pass(200);
  rig.server.drop();
  const future = rig.cluster.submit(identity);
  const time = await done(rig, future);
  assert(time >= 5_000 && time < 7_000, String(time));
  const error = future.exceptionNow();
  assertInstanceOf(error, BrokenExecutorError);
  assertStringIncludes(error.message, "memory:1");
}, { disconnectTimeout: 5_000 });

withRig("fault 5: the server decides whether cancel() came before the end", async (rig) => {
  rig.host(4);
  const futures = Array.from({ length: 40 }, () => rig.cluster.submit(identity));
  const asked = futures.map((future, i) => {
    if (i % 3 === 0) return future.cancel();
    return false;
  });
  await rig.pass(1);
  futures.forEach((future, i) => i % 3 === 1 && future.cancel());
  for (const future of futures) await done(rig, future);
  for (const [i, future] of futures.entries()) {
    if (future.cancelled) continue;
    assert(!asked[i] || !future.cancelled);
    assertEquals((await future).id, future.id);
  }
  const { completed, cancelled } = rig.cluster.stats();
  assertEquals(completed + cancelled, 40);
});

withRig("fault 6: an abort that reaches the host too early is repeated", async (rig) => {
  rig.host();
  await rig.pass(100);
  let lost = 0;
  rig.server.fate = (event) => event === "heddle:abort" && ++lost < 3 ? "lost" : "comes";
  const future = rig.cluster.submit(untilStopped);
  while (!future.running) await rig.pass(25);
  const group = new TaskGroup(rig.cluster);
  future.abort("enough");
  assertEquals(future.exceptionNow(), "enough");
  while (rig.cluster.stats().running > 0) await rig.pass(50);
  assertEquals(lost, 3);
  await group[Symbol.asyncDispose]();
});

withRig("an entry that cannot be read ends the listener, and another one starts", async (rig) => {
  rig.host();
  await rig.pass(100);
  rig.server.garble("heddle");
  const future = rig.cluster.submit(identity);
  await rig.pass(25);
  rig.server.garble("heddle");
  await done(rig, future);
  assertEquals((await future).id, future.id);
});

withRig("a task unknown to all hosts is removed, and the error names the known ones", async (rig) => {
  rig.host(1, [identity as never]);
  await rig.pass(100);
  const future = rig.cluster.submit(workFor, 1, 1, "");
  const time = await done(rig, future);
  assert(time >= LEASE && time < 4 * LEASE, String(time));
  const error = future.exceptionNow();
  assertInstanceOf(error, TypeError);
  assertStringIncludes(error.message, "identity");
});

withRig("tasks wait without a host, and are removed after hostTimeout", async (rig) => {
  const future = rig.cluster.submit(identity);
  const delayed = rig.cluster.with({ delay: 8_000 }).submit(identity);
  const time = await done(rig, future);
  assert(time >= 5_000 && time < 8_500, String(time));
  assertInstanceOf(future.exceptionNow(), BrokenExecutorError);
  assert(!delayed.done);
  rig.host();
  await done(rig, delayed);
  assertEquals((await delayed).id, delayed.id);
}, { hostTimeout: 5_000 });

withRig("a forged job fails without affecting others", async (rig) => {
  rig.host();
  await rig.pass(100);
  const { server } = rig;
  const queue = server.queue("heddle");
  for (
    const data of [null, 1, {}, { heddle: 1, args: "x" }, { heddle: 1, args: "h1:AAAA" }, { heddle: 2, args: "h1:" }]
  ) {
    server.add(queue, "identity", data, { priority: 1 });
  }
  await rig.pass(100);
  const states = [...queue.jobs.values()].map(({ state }) => state);
  assertEquals(states, Array(6).fill("failed"));
  const future = rig.cluster.submit(identity);
  await done(rig, future);
  assertEquals((await future).attempt, 1);
});

withRig("a forged result rejects only its task", async (rig) => {
  const future = rig.cluster.submit(identity);
  await rig.pass(100);
  const { server } = rig;
  const queue = server.queue("heddle");
  const job = server.take(queue, "forger", 10_000)!;
  server.finish(queue, job, "completed", JSON.stringify("h1:not"));
  await done(rig, future);
  assertInstanceOf(future.exceptionNow(), BrokenExecutorError);
});

withRig("shutdown({ wait: false }) leaves the tasks to the hosts", async (rig) => {
  rig.host();
  const future = rig.cluster.submit(untilStopped);
  while (!future.running) await rig.pass(25);
  await rig.cluster.shutdown({ wait: false });
  assertInstanceOf(future.exceptionNow(), InvalidStateError);
  assertEquals(rig.cluster.stats().unobserved, 0);
  const queue = rig.server.queue("heddle");
  assertEquals([...queue.jobs.values()].map(({ state }) => state), ["active"]);
  rig.engine.workers[0]!.kill();
});

withRig("a task that others removed from the server ends in a CancelledError", async (rig) => {
  const future = rig.cluster.submit(identity);
  await rig.pass(100);
  rig.server.remove(rig.server.queue("heddle"), future.id);
  await done(rig, future);
  assert(future.cancelled);
  assertInstanceOf(await future.result().catch((error) => error), CancelledError);
});
