import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import { Connection, InvalidStateError, Lock, pipe, Process, Thread, TimeoutError, transfer } from "../../mod.ts";
import * as tasks from "../fixtures/pipe_tasks.ts";
import { ALL, testEach, THREADS, WORKERS } from "../support/executors.ts";
import { untilStarted, within } from "../support/poll.ts";
import { countingSignal } from "../support/signals.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

const CLOSED = "Cannot receive: the other end of the pipe is closed";

test("Connection.recv() receives copies of the sent values, in order", async () => {
  const [one, two] = pipe();
  const sent = [{ list: [1] }, undefined, new Map([["__proto__", 2]]), new RangeError("whole")];
  for (const value of sent) await one.send(value);
  (sent[0] as { list: number[] }).list.push(2);
  assertEquals(await two.recv(), { list: [1] });
  assertEquals([await two.recv(), await two.recv()], sent.slice(1, 3));
  assert(await two.recv() instanceof RangeError);
  assertEquals(await two.poll(), false);
});

test("Connection.recv() serves waiters in order of arrival", async () => {
  const [one, two] = pipe<number>();
  const got = Promise.all([two.recv(), two.recv(), two.recv()]);
  for (const n of [1, 2, 3]) await one.send(n);
  assertEquals(await got, [1, 2, 3]);
});

test("Connection.recv() takes nothing when it times out or is aborted, and leaves no listener", async () => {
  const [one, two] = pipe<number>();
  await assertRejects(() => two.recv({ timeout: 0 }), TimeoutError, "Cannot receive within 0 ms");
  const { controller, signal, listeners } = countingSignal();
  const aborted = assertRejects(() => two.recv({ signal }), Error, "enough");
  controller.abort(new Error("enough"));
  await aborted;
  await one.send(1);
  await assertRejects(() => two.recv({ signal }), Error, "enough");
  assertEquals([await two.recv(), listeners()], [1, 0]);
});

test("Connection.poll() tells whether there is a value to receive", async () => {
  const [one, two] = pipe();
  assertEquals([await two.poll(), await two.poll({ timeout: 1 })], [false, false]);
  const comes = two.poll({ timeout: 60_000 });
  await one.send(1);
  assertEquals([await comes, await two.poll()], [true, true]);
  assertEquals(await two.recv(), 1);
  const closes = two.poll({ timeout: 60_000 });
  one.close();
  assertEquals([await closes, await two.poll()], [true, true]);
  await assertRejects(() => two.recv(), InvalidStateError, CLOSED);
  await assertRejects(() => one.poll(), InvalidStateError, "Cannot poll: this end of the pipe is closed");
});

test("Connection.close() keeps values that were sent before, and wakes waiters on both sides", async () => {
  const [one, two] = pipe<number>();
  const here = assertRejects(() => one.recv(), InvalidStateError, "Cannot receive: this end of the pipe is closed");
  for (const n of [1, 2]) await one.send(n);
  one.close();
  one.close();
  await here;
  assertEquals([one.closed, two.closed], [true, false]);
  assertEquals([await two.recv(), await two.recv()], [1, 2]);
  await assertRejects(() => two.recv(), InvalidStateError, CLOSED);
  await assertRejects(() => two.send(3), InvalidStateError, "Cannot send: the other end of the pipe is closed");
  await assertRejects(() => one.send(3), InvalidStateError, "Cannot send: this end of the pipe is closed");
  const [three, four] = pipe<number>();
  const waits = assertRejects(() => four.recv(), InvalidStateError, CLOSED);
  three[Symbol.dispose]();
  await waits;
});

test("Connection[Symbol.asyncIterator]() ends when the other end is closed", async () => {
  const [one, two] = pipe<number>();
  for (const n of [1, 2, 3]) await one.send(n);
  one.close();
  const got: number[] = [];
  for await (const n of two) got.push(n);
  assertEquals(got, [1, 2, 3]);
});

test("pipe() without duplex works in one direction", async () => {
  const [receiver, sender] = pipe({ duplex: false });
  assertEquals([receiver.readable, receiver.writable, sender.readable, sender.writable], [true, false, false, true]);
  await sender.send(1);
  assertEquals(await receiver.recv(), 1);
  await assertRejects(() => receiver.send(1), InvalidStateError, "Cannot send: this end of the pipe only receives");
  await assertRejects(() => sender.recv(), InvalidStateError, "Cannot receive: this end of the pipe only sends");
  await assertRejects(() => sender.poll(), InvalidStateError, "the pipe only sends");
});

test("pipe() and Connection reject invalid arguments", async () => {
  assertThrows(() => pipe(1 as never), TypeError);
  assertThrows(() => pipe({ duplex: 1 as never }), TypeError, "must be a boolean: current value is 1");
  assertThrows(() => new Connection(), TypeError, "call pipe() instead");
  const [one] = pipe();
  await assertRejects(() => one.recv({ timeout: NaN }), RangeError);
  await assertRejects(() => one.poll({ timeout: -1 }), RangeError);
  await assertRejects(() => one.send({ deep: [Symbol("s")] }), DOMException, "Cannot send args[0].deep[0]");
});

test("Connection.send() moves transferred buffers", async () => {
  const [one, two] = pipe<Uint8Array>();
  const bytes = new Uint8Array(100_000).fill(1);
  await one.send(transfer(bytes));
  assertEquals([bytes.byteLength, (await two.recv()).byteLength], [0, 100_000]);
});

testEach(ALL, "accepts an end of a pipe as an argument", async ({ shared }) => {
  const [here, there] = pipe<unknown>();
  const done = shared().submit(tasks.echo, there);
  const lock = new Lock();
  for (const value of [1, "two", { three: [3] }, new Date(4), undefined]) {
    await here.send(value);
    assertEquals(await here.recv(), value);
  }
  await here.send(lock);
  assertStrictEquals(await here.recv(), lock);
  here.close();
  await within("the task to end", done);
});

testEach(ALL, "delivers values that were sent before an end was closed", async ({ shared }) => {
  const [here, there] = pipe<unknown>();
  const values = Array.from({ length: 500 }, (_, n) => n);
  await shared().submit(tasks.sendAll, there, values);
  const got: unknown[] = [];
  for await (const value of here) got.push(value);
  assertEquals(got, values);
  const [back, away] = pipe<unknown>();
  const all = shared().submit(tasks.receiveAll, away);
  for (const value of values) await back.send(value);
  back.close();
  assertEquals(await all, values);
});

testEach(ALL, "delivers the errors of a pipe unchanged", async ({ shared }) => {
  const say = (what: string, end = pipe()[1]) => shared().submit(tasks.fail, end, what);
  const [, sender] = pipe({ duplex: false });
  const [receiver] = pipe({ duplex: false });
  const [closed, other] = pipe();
  closed.close();
  assertEquals(await say("late"), "TimeoutError: Cannot receive within 1 ms");
  assertEquals([await say("poll"), await say("wait"), await say("poll", other)], ["false", "false", "true"]);
  assertEquals(await say("recv", other), `InvalidStateError: ${CLOSED}`);
  assertEquals(await say("send", other), "InvalidStateError: Cannot send: the other end of the pipe is closed");
  assertEquals(await say("recv", sender), "InvalidStateError: Cannot receive: this end of the pipe only sends");
  assertEquals(await say("send", receiver), "InvalidStateError: Cannot send: this end of the pipe only receives");
  assertEquals(await say("refused"), "DataCloneError: Cannot send args[0].fn: a function cannot travel");
  assertEquals(await say("closed"), "InvalidStateError: Cannot receive: this end of the pipe is closed");
});

testEach(ALL, "takes nothing from a pipe for a task that is aborted", async ({ shared }) => {
  const [here, there] = pipe();
  const future = shared().submit(tasks.receiveOne, there);
  await untilStarted(future);
  future.abort(new Error("stop"));
  await assertRejects(() => future, Error, "stop");
  // The task may still receive until it has reacted to its signal.
  await shared().submit(tasks.giveBack, here);
  await here.send("kept");
  assertEquals(await there.recv(), "kept");
});

testEach(ALL, "returns an end of a pipe as the same object", async ({ shared }) => {
  const [here] = pipe();
  assertStrictEquals(await shared().submit(tasks.giveBack, here), here);
});

testEach(WORKERS, "connects two workers", async ({ open }) => {
  const pool = open({ maxWorkers: 2 });
  const [one, two] = pipe<unknown>();
  const all = pool.submit(tasks.receiveAll, two);
  await pool.submit(tasks.sendAll, one, [1, 2, 3]);
  assertEquals(await all, [1, 2, 3]);
});

testEach(WORKERS, "moves buffers that a task sends into a pipe", async ({ shared }) => {
  const [here, there] = pipe<Uint8Array>();
  assertEquals(await shared().submit(tasks.move, there), 0);
  assertEquals((await here.recv()).byteLength, 100_000);
});

testEach(WORKERS, "closes the end of a killed worker", async ({ open }) => {
  const pool = open({ maxWorkers: 1, grace: 0 });
  const [here, there] = pipe();
  const future = pool.submit(tasks.hold, there);
  assertEquals(await here.recv(), "holds it");
  const end = assertRejects(() => here.recv(), InvalidStateError, CLOSED);
  future.abort();
  await within("the end of the pipe", end);
});

testEach([THREADS], "lets a task pass an end of a pipe on to its own thread", async ({ shared }) => {
  const [here, there] = pipe();
  await shared().submit(tasks.passOn, there);
  assertEquals([await here.recv(), await here.recv()], ["from", "below"]);
});

for (const Worker of [Thread, Process]) {
  test(
    `${Worker.name} closes its end of a pipe when it ends`,
    { timeout: SLOW_TEST_LIMIT },
    async () => {
      const [here, there] = pipe<unknown>();
      const worker = new Worker(tasks.sendAll, [there, [1, 2], false]).start();
      const got: unknown[] = [];
      for await (const value of here) got.push(value);
      assertEquals(got, [1, 2]);
      await worker.join();
    },
  );

  test(`${Worker.name} that is terminated closes its end of a pipe`, { timeout: SLOW_TEST_LIMIT }, async () => {
    const [here, there] = pipe<unknown>();
    const worker = new Worker(tasks.hold, [there]).start();
    assertEquals(await here.recv(), "holds it");
    await worker.terminate();
    await assertRejects(() => here.recv(), InvalidStateError, CLOSED);
    await worker.result.exception();
  });
}
