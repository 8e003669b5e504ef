// Tests a semaphore of many machines, on a server in memory with a manual clock and on a real one.

import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { InvalidStateError, Throttle, TimeoutError } from "../../mod.ts";
import { ClusterSemaphore } from "../../src/cluster/mod.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { fakeEngine } from "../support/cluster/fake_engine.ts";
import { FakeServer } from "../support/cluster/fake_server.ts";
import { type TestServer, testServer } from "../support/cluster/server.ts";
import { until, within } from "../support/poll.ts";

const LEASE = 1_000;
const found = await testServer();
const NO_SERVER = typeof found === "string" ? found : false;
const server = found as TestServer;

async function pass(clock: ManualClock, duration: number): Promise<void> {
  for (let left = duration; left > 0; left -= 50) {
    for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(Math.min(50, left));
  }
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
}

test("ClusterSemaphore fires the signal of a permit with a lost lease, even if the server is away", async () => {
  const clock = new ManualClock();
  const memory = new FakeServer(clock);
  const options = { engine: fakeEngine(memory), connection: {}, lease: LEASE };
  const one = new ClusterSemaphore("frozen", 1, options);
  const permit = await one.acquire();
  await pass(clock, 5 * LEASE);
  assertEquals(permit.signal.aborted, false);
  memory.drop();
  const start = clock.now();
  while (!permit.signal.aborted) await pass(clock, 50);
  const time = clock.now() - start;
  assert(time <= LEASE + 50 && time >= LEASE / 2, String(time));
  memory.raise();
  // Another program gets the permit when its lease is over at the server.
  const other = new ClusterSemaphore("frozen", 1, options);
  let second: unknown;
  void other.acquire().then((granted) => second = granted);
  for (let i = 0; i < 100 && second === undefined; i++) await pass(clock, 100);
  assert(second !== undefined);
  permit.release();
  const closed = Promise.all([one.close(), other.close()]);
  await pass(clock, 2_000);
  await closed;
});

test("ClusterSemaphore limits all holders together, in turn", { skip: NO_SERVER }, async () => {
  const options = { ...server.on("semaphore"), lease: LEASE };
  const [a, b] = [new ClusterSemaphore("five", 2, options), new ClusterSemaphore("five", 2, options)];
  try {
    let [held, most] = [0, 0];
    const work = async (signal: AbortSignal) => {
      most = Math.max(most, ++held);
      await new Promise((resolve) => setTimeout(resolve, 5));
      held--;
      return signal.aborted;
    };
    const runs = Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? a : b).run(work));
    assertEquals(await within("all runs", Promise.all(runs)), Array(30).fill(false));
    assertEquals(most, 2);
    assertEquals(await a.available(), 2);

    const [one, two] = [await a.acquire(), (await b.tryAcquire())!];
    assert(two !== undefined);
    assertEquals([await a.tryAcquire(), await b.available()], [undefined, 0]);
    await assertRejects(() => b.acquire({ timeout: 20 }), TimeoutError);
    const controller = new AbortController();
    const left = b.acquire({ signal: controller.signal });
    controller.abort("enough");
    assertEquals(await left.catch((reason) => reason), "enough");
    // The requests of waiters that left are removed.
    one.release();
    one.release();
    const again = await within("a permit", a.acquire());
    again.release();
    two.release();
    await until("all are back", async () => await a.available() === 2);
  } finally {
    await within("the end", Promise.all([a.close(), b.close()]));
  }
  await assertRejects(() => a.acquire(), InvalidStateError);
});

test("ClusterSemaphore keeps its first value, and resize() changes it for all", { skip: NO_SERVER }, async () => {
  const options = { ...server.on("resize"), lease: LEASE };
  const [a, b, wrong] = [2, 2, 3].map((value) => new ClusterSemaphore("sized", value, options));
  try {
    const first = await a!.acquire();
    await assertRejects(() => wrong!.acquire(), InvalidStateError, "has 2");
    const second = await b!.acquire();
    const third = b!.acquire();
    assertEquals(await Promise.race([third, new Promise((resolve) => setTimeout(resolve, 50, "waits"))]), "waits");
    await a!.resize(3);
    const start = performance.now();
    const permit = await within("the raise", third);
    assert(performance.now() - start < 900, "a raise wakes waiting callers");
    await a!.resize(1);
    for (const each of [first, second]) each.release();
    await until("two are back", async () => await a!.available() === 0);
    assertEquals(await a!.tryAcquire(), undefined);
    permit.release();
    (await within("the one", a!.acquire())).release();
  } finally {
    await within("the end", Promise.all([a!.close(), b!.close(), wrong!.close()]));
  }
});

test("Throttle over a ClusterSemaphore limits all machines together", { skip: NO_SERVER }, async () => {
  const options = { ...server.on("throttle"), lease: LEASE };
  const semaphores = [1, 2].map(() => new ClusterSemaphore("calls", 1, options));
  const throttles = semaphores.map((semaphore) => new Throttle({ semaphore }));
  try {
    let [held, most] = [0, 0];
    const runs = Array.from({ length: 10 }, (_, i) =>
      throttles[i % 2]!.run(async () => {
        most = Math.max(most, ++held);
        await new Promise((resolve) => setTimeout(resolve, 2));
        held--;
      }));
    await within("all calls", Promise.all(runs));
    assertEquals(most, 1);
    assertInstanceOf(await throttles[0]!.acquire({ weight: 2 }).catch((error) => error), RangeError);
  } finally {
    for (const throttle of throttles) throttle.close();
    await within("the end", Promise.all(semaphores.map((semaphore) => semaphore.close())));
  }
});
