// Tests that every public function rejects unknown options, and suggests the right one.

import { test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as heddle from "../../mod.ts";

const noop = heddle.inline(() => {});
const inlined = new heddle.InlineExecutor({ maxWorkers: 1 });
const future = inlined.submit(noop);
const throttle = new heddle.Throttle({ limit: 1 });
const queue = new heddle.Queue<number>();
const shared = new heddle.SharedQueue<number>();
const lock = new heddle.Lock();
const condition = new heddle.Condition();
const rwLock = new heddle.RwLock();
const timer = new heddle.Timer(0, () => {}).start();
const [end] = heddle.pipe();
const manager = new heddle.Manager();
const managed = manager.lock();

/** A call with options, a misspelled option, and the right option. */
const TAKERS: [string, (options: never) => unknown, slip: string, meant: string][] = [
  ["new ThreadPoolExecutor()", (o) => new heddle.ThreadPoolExecutor(o), "maxWorker", "maxWorkers"],
  ["new ProcessPoolExecutor()", (o) => new heddle.ProcessPoolExecutor(o), "execArgv", "execArgs"],
  ["new InlineExecutor()", (o) => new heddle.InlineExecutor(o), "concurency", "concurrency"],
  ["Executor.with()", (o) => inlined.with(o), "prioritty", "priority"],
  ["Executor.with() of a view", (o) => inlined.with({}).with(o), "timeOut", "timeout"],
  ["Executor.with({ retry })", (o) => inlined.with({ retry: o }), "maxAttempt", "retry.maxAttempts"],
  ["Executor.map()", (o) => inlined.map(noop as never, [], o), "chunksize", "chunkSize"],
  ["Executor.starmap()", (o) => inlined.with({}).starmap(noop, [], o), "orderd", "ordered"],
  ["Executor.shutdown()", (o) => inlined.shutdown(o), "cancelFuture", "cancelFutures"],
  ["new Thread()", (o) => new heddle.Thread(noop, [], o), "names", "name"],
  ["new Process()", (o) => new heddle.Process(noop, [], o), "stdou", "stdout"],
  ["Future.result()", (o) => future.result(o), "tiemout", "timeout"],
  ["wait()", (o) => heddle.wait([], o), "returnwhen", "returnWhen"],
  ["asCompleted()", (o) => heddle.asCompleted([], o), "signals", "signal"],
  ["new TaskGroup()", (o) => new heddle.TaskGroup(inlined, o), "modes", "mode"],
  ["Pipeline.step()", (o) => heddle.pipeline(inlined).step(noop, o), "concurency", "concurrency"],
  [
    "Pipeline.step() with an executor opened later",
    (o) => heddle.pipeline(() => inlined).step(noop, o),
    "retrys",
    "retry",
  ],
  ["Pipeline.map()", (o) => heddle.pipeline(inlined).step(noop).map([], o), "buffersize", "bufferSize"],
  ["gracefulShutdown()", (o) => heddle.gracefulShutdown(inlined, o), "signal", "signals"],
  ["Lock.acquire()", (o) => lock.acquire(o), "time", "timeout"],
  ["Lock.acquireSync()", (o) => lock.acquireSync(o), "timeouts", "timeout"],
  ["Lock.run()", (o) => lock.run(() => {}, o), "Signal", "signal"],
  ["RLock.acquire()", (o) => new heddle.RLock().acquire(o), "timeout_", "timeout"],
  ["Semaphore.acquire()", (o) => new heddle.Semaphore().acquire(o), "counts", "count"],
  ["BoundedSemaphore.acquireSync()", (o) => new heddle.BoundedSemaphore().acquireSync(o), "Count", "count"],
  ["Condition.wait()", (o) => condition.run(() => condition.wait(o)), "timout", "timeout"],
  ["Condition.waitFor()", (o) => condition.run(() => condition.waitFor(() => true, o)), "timout", "timeout"],
  ["Event.wait()", (o) => new heddle.Event().wait(o), "timout", "timeout"],
  ["new Barrier()", (o) => new heddle.Barrier(1, o), "actions", "action"],
  ["Barrier.wait()", (o) => new heddle.Barrier(1).wait(o), "timout", "timeout"],
  ["RwLock.acquireRead()", (o) => rwLock.acquireRead(o), "timout", "timeout"],
  ["Queue.get()", (o) => queue.get(o), "timout", "timeout"],
  ["Queue.put()", (o) => queue.put(1, o), "timout", "timeout"],
  ["Queue.join()", (o) => queue.join(o), "timout", "timeout"],
  ["Queue.shutdown()", (o) => queue.shutdown(o), "imediate", "immediate"],
  ["new PriorityQueue()", (o) => new heddle.PriorityQueue(0, o), "comparator", "compare"],
  ["SimpleQueue.get()", (o) => new heddle.SimpleQueue().get(o), "timout", "timeout"],
  ["new SharedQueue()", (o) => new heddle.SharedQueue(o), "maxsize", "maxSize"],
  ["new SharedLifoQueue()", (o) => new heddle.SharedLifoQueue(o), "byte", "bytes"],
  ["new SharedPriorityQueue()", (o) => new heddle.SharedPriorityQueue(o), "byte", "bytes"],
  ["SharedQueue.get()", (o) => shared.get(o), "timout", "timeout"],
  ["SharedQueue.putSync()", (o) => shared.putSync(1, o), "timout", "timeout"],
  ["SharedQueue.shutdown()", (o) => shared.shutdown(o), "Immediate", "immediate"],
  ["Timer.join()", (o) => timer.join(o), "timout", "timeout"],
  ["pipe()", (o) => heddle.pipe(o), "duplexx", "duplex"],
  ["Connection.recv()", (o) => end.recv(o), "timout", "timeout"],
  ["Connection.poll()", (o) => end.poll(o), "timout", "timeout"],
  ["new SharedMemory()", (o) => new heddle.SharedMemory(8, o), "nam", "name"],
  ["a managed Lock.acquire()", (o) => managed.acquire(o), "timout", "timeout"],
  ["new Throttle()", (o) => new heddle.Throttle(o), "limits", "limit"],
  ["new Throttle({ rate })", (o) => new heddle.Throttle({ rate: o }), "intervall", "rate.interval"],
  ["new Throttle({ bounds })", (o) => new heddle.Throttle({ limit: "auto", bounds: o }), "maxi", "bounds.max"],
  ["Throttle.acquire()", (o) => throttle.acquire(o), "prio", "priority"],
  ["Throttle.run()", (o) => throttle.run(() => {}, o), "wieght", "weight"],
  ["Throttle.wrap()", (o) => throttle.wrap(() => {}, o), "keys", "key"],
  ["Throttle.fetch()", (o) => throttle.fetch("data:,", {}, o), "priorty", "priority"],
  ["Throttle.connect()", (o) => throttle.connect(o), "host", "hostname"],
  ["Throttle.handler()", (o) => throttle.handler(() => new Response(), o), "keyed", "key"],
  ["Throttle.nodeHandler()", (o) => throttle.nodeHandler(() => {}, o), "timeouts", "timeout"],
];

/** Returns the error that a call throws or rejects with. */
async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}

test("Every function with options suggests the nearest option", async () => {
  const wrong: string[] = [];
  for (const [name, take, slip, meant] of TAKERS) {
    const error = await errorOf(() => take({ [slip]: 1 } as never));
    const path = meant.includes(".") ? meant.replace(/[^.]+$/, slip) : slip;
    const end = `: unknown option "${path}", did you mean "${meant}"?`;
    if (!(error instanceof TypeError && error.message.endsWith(end))) wrong.push(`${name}: ${error}`);
  }
  assertEquals(wrong, []);
});

test("Every function with options lists them, the nearest first, if none is near", () => {
  const error = assertThrows(() => new heddle.Thread(noop, [], { nice: 5 } as never), TypeError);
  assertEquals(
    error.message,
    'Cannot make a Thread: unknown option "nice", known options are "name", "daemon", "restart"',
  );
});

test("Every option with fixed words suggests the nearest word", async () => {
  const takers: [() => unknown, string][] = [
    [() => new heddle.ThreadPoolExecutor({ concurrency: "Auto" as never }), '"Auto", did you mean "auto"?'],
    [() => new heddle.InlineExecutor({ overflow: "reject " as never }), '"reject ", did you mean "reject"?'],
    [() => new heddle.ProcessPoolExecutor({ onWorkerLost: "brake" as never }), '"brake", did you mean "break"?'],
    [() => new heddle.ProcessPoolExecutor({ permissions: "None" as never }), '"None", did you mean "none"?'],
    [() => inlined.map(noop as never, [], { chunkSize: "Auto" as never }), '"Auto", did you mean "auto"?'],
    [() => new heddle.Process(noop, [], { stdout: "pipes" as never }), '"pipes", did you mean "pipe"?'],
    [() => heddle.wait([], { returnWhen: "first_completed" as never }), 'did you mean "first-completed"?'],
    [() => new heddle.TaskGroup(inlined, { mode: "failfast" as never }), '"failfast", did you mean "fail-fast"?'],
    [() => heddle.gracefulShutdown({ signals: ["SIGTEM" as never] }), '"SIGTEM", did you mean "SIGTERM"?'],
    [() => new heddle.Throttle({ limit: "Auto" as never }), '"Auto", did you mean "auto"?'],
    [() => new heddle.Throttle({ limit: 1, overflow: "Wait" as never }), '"Wait", did you mean "wait"?'],
    [() => new heddle.SharedArray("Float32" as never, 1), '"Float32", did you mean "float32"?'],
  ];
  const wrong: string[] = [];
  for (const [take, end] of takers) {
    const error = await errorOf(take);
    if (!(error instanceof TypeError && error.message.endsWith(end))) wrong.push(String(error));
  }
  assertEquals(wrong, []);
});

test("Options that are passed on keep their inherited values", async () => {
  const init = { method: "GET", keepalive: false, custom: 1 } as RequestInit;
  const response = await throttle.fetch("data:,hello", init);
  assertEquals(await response.text(), "hello");
  new heddle.ProcessPoolExecutor({ env: { NICE: "5" } });
  await assertRejects(
    () => throttle.connect({ hostname: "", port: 1, tls: { servername: "a" } }),
    TypeError,
    "hostname",
  );
});

test("The arguments of the initializer and other values are not checked as options", () => {
  assertThrows(() => new heddle.Thread(noop, { name: "a" } as never), TypeError, "'args' must be an array");
});
