// The contract of actors: calls, streams, limits.

import { assert, assertEquals, assertInstanceOf, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { readFileSync } from "node:fs";
import { InvalidStateError, RejectedError, TimeoutError, transfer } from "../../mod.ts";
import { actor } from "../../src/task/mod.ts";
import { Counter, counter, sticky, user } from "../fixtures/actors.ts";
import { testActors } from "../support/actors.ts";
import { until, untilStarted, within } from "../support/poll.ts";
import { LONG, PROMPT, SHORT } from "../support/timing.ts";

testActors("call() runs methods of the object, which keeps its state", async ({ make }) => {
  const made = make(counter, [5]).start();
  assertEquals(await made.call.add(2), 7);
  assertEquals(await made.call.addLater(3), 10);
  assertEquals(await made.call.inherited(), "inherited by Counter");
  assertEquals(await made.call.order(), [2, 3]);
});

testActors("call has the public methods of the class and its bases, and nothing else", ({ make }) => {
  const { call, stream } = make(counter) as { call: object; stream: object };
  const has = (object: object, name: PropertyKey) => typeof (object as Record<PropertyKey, unknown>)[name];
  for (const name of ["add", "inherited", "generate"]) assertEquals([name, has(call, name)], [name, "function"]);
  for (const name of ["then", "count", "seen", "constructor", "upTo", "toString", Symbol.asyncDispose]) {
    assertEquals([name, has(call, name)], [name, "undefined"]);
  }
  for (const name of ["upTo", "upToLater", "generate"]) assertEquals([name, has(stream, name)], [name, "function"]);
  assert("add" in call);
  assert(!("then" in call));
});

testActors("call() runs one call at a time, in the order in which they were made", async ({ make }) => {
  const made = make(counter);
  const early = Array.from({ length: 50 }, (_, n) => n % 3 === 0 ? made.call.addLater(n) : made.call.add(n));
  made.start();
  const late = Array.from({ length: 50 }, (_, n) => n % 3 === 0 ? made.call.addLater(50 + n) : made.call.add(50 + n));
  await Promise.all([...early, ...late]);
  assertEquals(await made.call.order(), Array.from({ length: 100 }, (_, n) => n));
});

testActors("call() runs as many calls at a time as 'concurrency' says", async ({ make, gate }) => {
  const made = make(counter, [0], { concurrency: 2 }).start();
  const [first, second] = [gate(), gate()];
  const waiting = made.call.waitForFile(first.path);
  await untilStarted(waiting);
  assertEquals(await within("the other call", made.call.add(1)), 1);
  const other = made.call.waitForFile(second.path);
  await untilStarted(other);
  const third = made.call.add(1);
  await assertRejects(() => third.result({ timeout: SHORT }), TimeoutError);
  first.open();
  assertEquals(await third, 2);
  second.open();
  await Promise.all([waiting, other]);
});

testActors("call() rejects with the error of the method, and the object lives on", async ({ make }) => {
  const made = make(counter).start();
  const error = await made.call.fail("no").exception();
  assertInstanceOf(error, RangeError);
  assertEquals(error.message, "no");
  assertStringIncludes(error.stack ?? "", "submitted from");
  assertEquals(await made.call.add(1), 1);
});

testActors("call() names the path of an argument that cannot travel", async ({ make }) => {
  const made = make(counter).start();
  const error = await made.call.add((() => {}) as never).exception() as Error;
  assertEquals([error.name, error.message], ["DataCloneError", "Cannot send args[0]: a function cannot travel"]);
});

testActors("call() of a method that returns a generator names stream", async ({ make }) => {
  const made = make(counter).start();
  const call = made.call as unknown as Record<"generate", (limit: number) => PromiseLike<unknown>>;
  const error = await assertRejects(async () => await call.generate(3), TypeError);
  assertStringIncludes(error.message, "stream(");
});

testActors("call() takes an async iterable, and transfers", async ({ make }) => {
  const made = make(counter).start();
  async function* values(): AsyncGenerator<number> {
    for (const n of [1, 2, 3]) yield await n;
  }
  assertEquals(await made.call.sum(values()), 6);
  const buffer = new ArrayBuffer(64);
  assertEquals(await made.call.bytes(transfer(buffer)), 64);
  assertEquals(buffer.byteLength, 0);
});

testActors("call() carries the values of async contexts", async ({ make }) => {
  const made = make(counter).start();
  assertEquals(await user.run("Ada", () => made.call.user()), "Ada");
  assertEquals(await made.call.user(), undefined);
});

testActors("call() that is aborted rejects at once; calls behind it wait for the method", async ({ make, gate }) => {
  const made = make(counter, [0], { grace: 1 }).start();
  const { path, open } = gate();
  const controller = new AbortController();
  const waiting = made.with({ signal: controller.signal }).call.waitForFile(path);
  const next = made.call.add(1);
  await untilStarted(waiting);
  controller.abort("enough");
  assertEquals(await within("the abort", waiting.exception()), "enough");
  await assertRejects(() => next.result({ timeout: 4 * SHORT }), TimeoutError);
  const { ident } = made;
  open();
  assertEquals(await next, 1);
  assertEquals([made.alive, made.ident], [true, ident]);
});

testActors("call() that waits is dropped by an abort and by cancel()", async ({ make, gate }) => {
  const made = make(counter).start();
  const { path, open } = gate();
  const waiting = made.call.waitForFile(path);
  await untilStarted(waiting);
  const [first, second, third] = [made.call.add(1), made.call.addLater(2), made.call.add(4)];
  first.abort("dropped");
  assertEquals(await first.exception(), "dropped");
  second.abort("dropped");
  open();
  assertEquals(await third, 4);
  assertEquals(await made.call.order(), [4]);
  assertEquals(await made.with({ signal: AbortSignal.abort("early") }).call.add(1).exception(), "early");
});

testActors("call() hears its signal, and a timeout rejects it", async ({ make }) => {
  const made = make(counter).start();
  const error = await made.with({ timeout: SHORT }).call.hear().exception();
  assertInstanceOf(error, TimeoutError);
  assertEquals(await within("the next call", made.call.add(1)), 1);
});

testActors("call() beyond 'queueLimit' rejects with a RejectedError", async ({ make, gate }) => {
  const made = make(counter, [0], { queueLimit: 2, name: "small" }).start();
  const { path, open } = gate();
  const waiting = made.call.waitForFile(path);
  await untilStarted(waiting);
  const [first, second, third] = [made.call.add(1), made.call.add(2), made.call.add(3)];
  const error = await third.exception();
  assertInstanceOf(error, RejectedError);
  assertEquals(error.message, "Cannot submit to small: its queue is full (queueLimit is 2)");
  open();
  assertEquals([await first, await second], [1, 3]);
});

testActors("stream() gives the values of a generator, and takes its turn among calls", async ({ make }) => {
  const made = make(counter).start();
  for (const method of ["upTo", "upToLater"] as const) {
    const values: number[] = [];
    const stream = made.stream[method](40);
    const after = made.call.order();
    for await (const n of stream) values.push(n);
    assertEquals(values, Array.from({ length: 40 }, (_, n) => n));
    assertEquals((await after).at(-1), -1);
  }
});

testActors("stream() that is left runs the generator's finally", async ({ make }) => {
  const made = make(counter).start();
  const taken: number[] = [];
  for await (const n of made.stream.upTo(Infinity)) if (taken.push(n) === 3) break;
  assertEquals([taken, await made.call.order()], [[0, 1, 2], [-1]]);
  const controller = new AbortController();
  const stream = made.with({ signal: controller.signal }).stream.upTo(Infinity);
  await stream.next();
  controller.abort("enough");
  assertEquals(await stream.next().catch((error) => error), "enough");
  assertEquals(await within("the next call", made.call.order()), [-1, -1]);
});

testActors("stop() lets accepted calls end, and disposes of the object", async ({ make, file }) => {
  const log = file("log");
  const made = make(counter, [0, log]).start();
  const calls = [1, 2, 3].map((n) => made.call.addLater(n));
  const stopped = made.stop();
  const late = await made.call.add(1).exception();
  assertInstanceOf(late, InvalidStateError);
  assertEquals(late.message, `Cannot call 'add' of ${made.name} after its end`);
  assertInstanceOf(await made.stream.upTo(1).next().catch((error) => error), InvalidStateError);
  await stopped;
  assertEquals(calls.map((call) => call.resultNow()), [1, 3, 6]);
  assertEquals([made.alive, await made.result], [false, undefined]);
  assertEquals(readFileSync(log, "utf8"), "made\ndisposed at 6\n");
  await made.stop();
  await made.join();
});

testActors("stop() waits for the disposal no longer than 'grace'", async ({ make }) => {
  const made = make(sticky, [], { grace: SHORT }).start();
  assertEquals(await made.call.ping(), "pong");
  await within("its end", made.stop(), 2 * PROMPT);
  assertEquals(await made.result, undefined);
});

testActors("stop() rejects when its wait ends early, and the actor goes on to its end", async ({ make, gate }) => {
  const made = make(counter).start();
  const { path, open } = gate();
  const waiting = made.call.waitForFile(path);
  await untilStarted(waiting);
  await assertRejects(() => made.stop({ timeout: SHORT }), TimeoutError);
  const controller = new AbortController();
  const joined = made.join({ signal: controller.signal });
  controller.abort("enough");
  assertEquals(await joined.catch((error) => error), "enough");
  assert(made.alive);
  open();
  await within("its end", made.join());
  assertEquals(await waiting, undefined);
});

testActors("stop() before start() closes the actor", async ({ make }) => {
  const made = make(counter);
  await assertRejects(() => made.join(), InvalidStateError);
  const call = made.call.add(1);
  await made.stop();
  assertInstanceOf(await call.exception(), InvalidStateError);
  assertInstanceOf(await made.call.add(1).exception(), InvalidStateError);
  assertEquals([await made.result, made.alive], [undefined, false]);
  assertThrows(() => made.start(), InvalidStateError, "as it was started before");
});

testActors("[Symbol.asyncDispose]() stops the actor", async ({ make, file }) => {
  const log = file("log");
  const made = make(counter, [1, log]).start();
  await made[Symbol.asyncDispose]();
  assertEquals(readFileSync(log, "utf8"), "made\ndisposed at 1\n");
});

testActors("start() a second time is an InvalidStateError", ({ make }) => {
  const made = make(counter);
  assertEquals([made.alive, made.ident], [false, undefined]);
  assertEquals(made.start(), made);
  assertEquals(made.alive, true);
  assertThrows(() => made.start(), InvalidStateError);
});

testActors("start() copies the arguments when it is called", async ({ make }) => {
  class Kept {}
  assertThrows(() => make(Kept as never), TypeError, "must be made by actor(import.meta, Class)");
  const args: [number] = [3];
  const made = make(counter, args);
  args[0] = 100;
  made.start();
  assertEquals(await made.call.add(0), 3);
});

testActors("rejects invalid options", ({ make, kind }) => {
  const of = (options: unknown, args: unknown = []) => () => make(counter, args as [], options as object);
  assertThrows(of({ concurency: 2 }), TypeError, `did you mean "concurrency"?`);
  assertThrows(of({ concurrency: 0 }), RangeError, "'concurrency'");
  assertThrows(of({ queueLimit: -1 }), RangeError, "'queueLimit'");
  assertThrows(of({ grace: "1" }), TypeError, "'grace'");
  assertThrows(of({ daemon: 1 }), TypeError, `Cannot make a ${kind.name} as 'daemon' must be a boolean`);
  assertThrows(of({}, "no list"), TypeError, `Cannot make a ${kind.name} as 'args' must be an array`);
  assertThrows(() => make(counter).with({ timeout: -1 }), RangeError, "Cannot call an actor as 'timeout'");
  assertThrows(() => make(counter).with({ grace: 1 } as object), TypeError, `unknown option "grace"`);
  assertThrows(() => actor(import.meta, (() => {}) as never), TypeError, "must be a class");
  assertThrows(() => actor(undefined as never, Counter), TypeError, "'meta' must be import.meta");
});

testActors("result.abort() ends the actor in the middle of a call", async ({ make }) => {
  const made = make(counter, [0], { grace: LONG }).start();
  const call = made.call.hear();
  await untilStarted(call);
  made.result.abort("over");
  assertEquals(await made.result.exception(), "over");
  await within("the end of the call", call.exception());
  await until("the actor has ended", () => !made.alive);
});
