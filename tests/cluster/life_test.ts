// Tests the life of an executor in a cluster on a server in memory: pause, room and terminate.

import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { CancelledError, InvalidStateError, TimeoutError } from "../../mod.ts";
import { identity, untilStopped } from "../fixtures/cluster_tasks.ts";
import { done, LEASE, withRig } from "../support/cluster/rig.ts";

withRig("pause() keeps tasks from the server until resume(), for any time", async (rig) => {
  rig.host();
  await done(rig, rig.cluster.submit(identity));
  rig.cluster.pause();
  const future = rig.cluster.submit(identity);
  let accepted = false;
  void future.accepted.then(() => accepted = true);
  const other = rig.cluster.with({ delay: 10 }).submit(identity);
  await rig.pass(100 * LEASE);
  assertEquals([accepted, future.done, rig.cluster.stats().waiting], [false, false, 2]);
  rig.cluster.resume();
  assert(await done(rig, future) < LEASE);
  assert(await done(rig, other) < LEASE);
});

withRig("shutdown({ wait: false }) sends the tasks held back by pause() to the hosts", async (rig) => {
  const host = rig.host();
  rig.cluster.pause();
  const future = rig.cluster.submit(identity);
  await rig.cluster.shutdown({ wait: false });
  await done(rig, future);
  assertInstanceOf(await future.exception(), InvalidStateError);
  await rig.pass(LEASE);
  assertEquals(host.stats().completed, 1);
});

withRig("terminate() makes hosts abort running tasks, and takes back waiting tasks", async (rig) => {
  const host = rig.host();
  const running = rig.cluster.submit(untilStopped);
  while (!running.running) await rig.pass(25);
  const waiting = rig.cluster.submit(identity);
  await rig.pass(LEASE);
  let ended = false;
  const end = rig.cluster.terminate().finally(() => ended = true);
  for (const future of [running, waiting]) assertInstanceOf(future.exceptionNow(), CancelledError);
  while (!ended) await rig.pass(25);
  await end;
  assertEquals(host.stats().running, 0);
  assertEquals(rig.cluster.stats().unobserved, 0);
});

withRig("terminate() ends although the host is killed", async (rig) => {
  rig.host();
  const running = rig.cluster.submit(untilStopped);
  while (!running.running) await rig.pass(25);
  rig.engine.workers[0]!.freeze();
  let ended = false;
  const end = rig.cluster.terminate().finally(() => ended = true);
  const start = rig.clock.now();
  while (!ended && rig.clock.now() - start < 60 * LEASE) await rig.pass(25);
  assertEquals(ended, true);
  await end;
}, { disconnectTimeout: 5 * LEASE });

withRig("room() waits for a host, and an abort leaves nothing behind", async (rig) => {
  const controller = new AbortController();
  let found = 0;
  const first = rig.cluster.room({ signal: controller.signal }).then(() => found++);
  const second = rig.cluster.room().then(() => found++);
  const third = rig.cluster.room({ timeout: LEASE }).then(() => found++, (error: unknown) => error);
  await rig.pass(2 * LEASE);
  assertInstanceOf(await third, TimeoutError);
  controller.abort(new CancelledError("no more"));
  assertInstanceOf(await first.catch((error: unknown) => error), CancelledError);
  assertEquals(found, 0);
  rig.host();
  while (found === 0) await rig.pass(25);
  await second;
}, { queueLimit: 0, overflow: "reject" });
