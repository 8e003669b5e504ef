import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { RemoteError } from "../../src/core/errors.ts";
import { current } from "../../src/task/current.ts";
import { ByteReader, ByteWriter } from "../../src/wire/bytes.ts";
import * as op from "../../src/wire/message.ts";
import { IncomingMessage } from "../../src/wire/message.ts";
import { processChannel } from "../../src/wire/process_link.ts";
import { threadChannel } from "../../src/wire/thread_link.ts";
import { until } from "../support/poll.ts";
import { type Answer, FakePool, outcomes } from "./fake_pool.ts";
import { Gate, log, readyPool, REFERENCE } from "./ready_pool.ts";

for (const channel of [threadChannel(false), processChannel]) {
  test(`Runner answers calls in order, by ${channel.scope}`, async () => {
    const { pool } = await readyPool({}, 1, channel);
    for (let id = 1; id <= 40; id++) pool.call(id, REFERENCE.add!, id, 1);
    pool.send();
    const answers = await pool.answered(40);
    assertEquals(outcomes(answers), Array.from({ length: 40 }, (_, i) => ["DONE", i + 1, i + 2]));
  });
}

test("Runner reports the run time, the time in the worker and the compute time of a task", async () => {
  const { pool } = await readyPool();
  const gate = new Gate();
  pool.call(1, REFERENCE.add!, 1, 2).send();
  const [answer] = await pool.answered(1);
  const [ran, here, computed] = answer!.times!;
  assert(ran! >= 0 && here! >= ran! && computed! >= 0 && computed! <= ran!, String(answer!.times));
  gate.open();
});

test("Runner answers with any value that a task threw", async () => {
  const { pool } = await readyPool();
  [new TypeError("t"), "text", undefined, null, { code: 1 }].forEach((error, i) =>
    pool.call(i, REFERENCE.fail!, error)
  );
  pool.send();
  const answers = await pool.answered(5);
  assertEquals(answers.map(({ kind }) => kind), Array(5).fill("FAILED"));
  assertInstanceOf(answers[0]!.value, TypeError);
  assertEquals(answers.slice(1).map(({ value }) => value), ["text", undefined, null, { code: 1 }]);
});

test("Runner waits for the final value of a thenable", async () => {
  const later = (value: unknown) => ({ then: (resolve: (value: unknown) => void) => resolve(value) });
  const { pool, number } = await readyPool({ nested: () => later(later(later(42))) });
  pool.call(1, number("nested")).send();
  const [{ kind, value }] = await pool.answered(1) as [Answer];
  assertEquals([kind, value], ["DONE", 42]);
});

test("Runner describes a thrown value that cannot be cloned", async () => {
  const { pool, number } = await readyPool({
    odd: () => {
      throw () => {};
    },
  });
  pool.call(1, number("odd")).send();
  const [{ value }] = await pool.answered(1) as [Answer];
  assertInstanceOf(value, RemoteError);
  assertEquals(value.message, "The task threw a function, which cannot travel");
});

test("Runner answers with a DataCloneError for a result that cannot be cloned", async () => {
  const { pool } = await readyPool();
  pool.call(1, REFERENCE.refused!).call(2, REFERENCE.add!, 1, 1).send();
  const [first, second] = await pool.answered(2) as [Answer, Answer];
  assertInstanceOf(first.value, DOMException);
  assertEquals([first.kind, first.value.name], ["FAILED", "DataCloneError"]);
  assertEquals(first.value.message, "Cannot send result.items[0]: a function cannot travel");
  assertEquals([second.kind, second.value], ["DONE", 2]);
});

test("Runner waits for thenables, and uses their first settlement", async () => {
  const { pool } = await readyPool();
  pool.call(1, REFERENCE.thenable!, "value").call(2, REFERENCE.twice!).call(3, REFERENCE.later!, 3).send();
  assertEquals(outcomes(await pool.answered(3)), [["DONE", 1, "value"], ["DONE", 2, "first"], ["DONE", 3, 3]]);
});

test("Runner names module and export of a task it cannot find, and goes on", async () => {
  const { pool } = await readyPool();
  pool.define(50, "test:tasks", "missing").define(51, "test:nowhere", "task");
  pool.call(1, 50).call(2, 51).call(3, 99).call(4, REFERENCE.notTask!).call(5, REFERENCE.add!, 1, 1).send();
  const answers = await pool.answered(5);
  assertEquals(answers.map(({ kind }) => kind), ["FAILED", "FAILED", "FAILED", "FAILED", "DONE"]);
  const messages = answers.slice(0, 4).map(({ value }) => (value as Error).message);
  for (const [place, part] of ["'missing' in test:tasks", "test:nowhere", "task 99", "not a function"].entries()) {
    assert(messages[place]!.includes(part), messages[place]);
  }
});

test("Runner runs as many tasks at once as its concurrency, and the next when one ends", async () => {
  const gates = [new Gate(), new Gate(), new Gate(), new Gate()];
  const started: number[] = [];
  const { pool, number } = await readyPool({
    wait: (place: number) => {
      started.push(place);
      return gates[place]!.opened;
    },
  }, 2);
  for (const place of [0, 1, 2, 3]) pool.call(place, number("wait"), place);
  pool.send();
  await until("as many tasks run", () => started.length === 2);
  assertEquals(started, [0, 1]);
  gates[1]!.open("second");
  assertEquals(outcomes(await pool.answered(1)), [["DONE", 1, "second"]]);
  await until("as many tasks run", () => started.length === 3);
  pool.concurrency(3).send();
  await until("as many tasks run", () => started.length === 4);
  for (const gate of gates) gate.open("end");
  assertEquals((await pool.answered(4)).length, 4);
});

test("Runner gives each task its own current()", async () => {
  const { pool } = await readyPool({}, 4);
  pool.call(1, REFERENCE.who!).send();
  const [{ value }] = await pool.answered(1) as [Answer];
  assertEquals(value, { attempt: 1, workerId: 7, executor: "a pool", aborted: false });
  assertEquals(current(), undefined);
});

test("Runner sends the progress of a task before its result, and none after it", async () => {
  const gate = new Gate();
  const { pool, number } = await readyPool({
    report: () => {
      const { progress } = current()!;
      const context = current()!;
      context.progress({ percent: 50 });
      assertThrows(() => context.progress(() => {}), DOMException, "Cannot send progress: a function cannot travel");
      void gate.opened.then(() => context.progress("too late"));
      return typeof progress;
    },
  });
  pool.call(1, number("report")).send();
  assertEquals(outcomes(await pool.answered(2)), [["PROGRESS", 1, { percent: 50 }], ["DONE", 1, "function"]]);
  gate.open();
  pool.call(2, REFERENCE.add!, 1, 1).send();
  assertEquals((await pool.answered(3)).at(-1)!.kind, "DONE");
});

test("Runner fires the signal of a running task with the reason", async () => {
  let listening = false;
  const { pool, number } = await readyPool({
    listen: () => {
      const { signal } = current()!;
      listening = true;
      return new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason)));
    },
  });
  pool.call(1, number("listen")).send();
  await until("the task listens", () => listening);
  pool.abort(1, "stop").send();
  assertEquals(outcomes(await pool.answered(1)), [["DONE", 1, "stop"]]);
});

test("Runner never starts a task that was aborted while its module was loaded", async () => {
  const { pool } = await readyPool();
  log.length = 0;
  pool.call(1, REFERENCE.note!, "aborted").send();
  pool.abort(1, "never mind").call(2, REFERENCE.note!, "next").send();
  assertEquals(outcomes(await pool.answered(2)), [["FAILED", 1, "never mind"], ["DONE", 2, undefined]]);
  assertEquals(log, ["next"]);
});

test("Runner never starts a waiting task that was aborted, and answers it in order", async () => {
  const gate = new Gate();
  const { pool, number } = await readyPool({ wait: () => gate.opened });
  log.length = 0;
  pool.call(1, number("wait")).call(2, REFERENCE.note!, "aborted").call(3, REFERENCE.note!, "next").send();
  pool.abort(2, "never mind").abort(77, "unknown").send();
  gate.open("done");
  const answers = await pool.answered(3);
  assertEquals(outcomes(answers), [["DONE", 1, "done"], ["FAILED", 2, "never mind"], ["DONE", 3, undefined]]);
  assertEquals(log, ["next"]);
});

test("Runner runs the items of a chunk one after another, up to the first that fails", async () => {
  const { pool, number } = await readyPool({
    half: async (n: number) => {
      if (n % 2 === 1) throw new RangeError(`odd: ${n}`);
      log.push(`half ${n}`);
      return await n / 2;
    },
  });
  log.length = 0;
  pool.chunk(1, number("half"), [2], [4]).chunk(2, number("half"), [6], [7], [8]).send();
  const [whole, broken] = await pool.answered(2) as [Answer, Answer];
  assertEquals([whole.kind, whole.id, whole.value, whole.failure], ["CHUNK_DONE", 1, [1, 2], undefined]);
  assertEquals([broken.id, broken.value], [2, [3]]);
  assertEquals((broken.failure as Error).message, "odd: 7");
  assertEquals(log, ["half 2", "half 4", "half 6"]);
});

test("Runner ends a chunk at a result that cannot be cloned", async () => {
  const { pool } = await readyPool();
  pool.chunk(1, REFERENCE.refused!, [], []).send();
  const [{ value, failure }] = await pool.answered(1) as [Answer];
  assertEquals([value, (failure as DOMException).name], [[], "DataCloneError"]);
});

test("Runner fails no task with an error that comes from none", async () => {
  const { pool } = await readyPool();
  pool.runner.unhandled(new RangeError("left behind"));
  const [{ kind, value }] = await pool.answered(1) as [Answer];
  assertEquals([kind, (value as Error).message], ["FAULT", "left behind"]);
});

test("Runner fails a running task with an error in its context, once", async () => {
  const gate = new Gate();
  const { pool, number } = await readyPool({
    crash: () => {
      pool.runner.unhandled(new Error("in a callback of it"));
      return gate.opened;
    },
  });
  pool.call(1, number("crash")).send();
  const [{ kind, id, value }] = await pool.answered(1) as [Answer];
  assertEquals([kind, id, (value as Error).message], ["FAILED", 1, "in a callback of it"]);
  gate.open("ignored");
  pool.call(2, REFERENCE.add!, 1, 1).send();
  assertEquals(outcomes(await pool.answered(2)).at(-1), ["DONE", 2, 2]);
});

test("Runner is ready once its initializer has run, with its arguments", async () => {
  const gate = new Gate();
  const given: unknown[] = [];
  const init = (...args: unknown[]) => {
    given.push(...args);
    return gate.opened;
  };
  const pool = new FakePool({ m: { init } });
  pool.setUp({ initializer: 1, args: ["a", { b: 2 }] }).define(1, "m", "init").send();
  await until("the initializer runs", () => given.length > 0);
  assertEquals([given, pool.answers.length], [["a", { b: 2 }], 0]);
  gate.open();
  assertEquals(await pool.answered(1), [{ kind: "READY" }]);
});

test("Runner reports why its initializer failed", async () => {
  const init = () => Promise.reject(new RangeError("no database"));
  const pool = new FakePool({ m: { init } });
  pool.setUp({ initializer: 1 }).define(1, "m", "init").send();
  const [{ kind, value }] = await pool.answered(1) as [Answer];
  assertEquals([kind, (value as Error).message], ["SETUP_FAILED", "no database"]);
  assertInstanceOf(value, RangeError);
});

test("Runner reports that it cannot be set up with arguments that do not decode", async () => {
  const pool = new FakePool();
  const record = new ByteWriter();
  record.u8(op.SETUP), record.u32(7), record.u32(1), record.u8(0), record.f64(Infinity), record.f64(0);
  record.string("a pool"), record.u32(0);
  // Send a value of one byte with an unknown kind.
  record.u32(1), record.u8(200);
  record.u32(0);
  pool.runner.receive(new IncomingMessage(new ByteReader(record.bytes, 0, record.length), [], []));
  const [{ kind, value }] = await pool.answered(1) as [Answer];
  assertEquals([kind, (value as Error).message], ["SETUP_FAILED", "Cannot decode a value of kind 200"]);
});

test("Runner answers a ping, reports its memory on request, and stops", async () => {
  const pool = new FakePool({ m: { f: () => 1 } });
  pool.setUp({ reportsMemory: true }).define(1, "m", "f").record(op.PING).call(1, 1).send();
  const answers = await pool.answered(4);
  assertEquals(answers.map(({ kind }) => kind), ["READY", "PONG", "MEMORY", "DONE"]);
  assert((answers[2]!.value as number) > 100_000);
  pool.record(op.STOP).send();
  assertEquals(pool.stopped, 1);
});

test("Runner rejects an unknown operation", () => {
  assertThrows(() => new FakePool().record(200).send(), RangeError, "kind 200");
});

test("Runner yields to the loop between tasks that never wait", async () => {
  const { pool, number } = await readyPool({
    compute: () => {
      const end = performance.now() + 4;
      while (performance.now() < end);
    },
  });
  pool.call(0, number("compute")).send();
  await pool.answered(1);
  let turned = 0;
  setTimeout(() => turned = pool.answers.length);
  for (let id = 1; id <= 30; id++) pool.call(id, number("compute"));
  pool.send();
  await pool.answered(31);
  assert(turned > 1 && turned < 31, `the loop turned after ${turned} of 30 tasks`);
});

test("Runner reports once for each task that it has started", async () => {
  const pool = new FakePool({ m: { one: () => 1, two: () => 2 } }).setUp().define(1, "m", "one").define(2, "m", "two");
  pool.call(11, 1).call(12, 1).call(13, 2).call(14, 2).send();
  await pool.answered(5);
  assertEquals(pool.started, [11, 13]);
});
