// Tests the methods that all queues share: get(), shutdown() and iteration.

import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { QueueEmptyError, QueueShutDownError, TimeoutError } from "../../src/core/errors.ts";
import { countingSignal } from "../support/signals.ts";
import { type AnyQueue, drain, type Kind, KINDS, sceneOf, turn } from "./kinds.ts";

for (const kind of KINDS) suite(kind);

function suite({ name, open, order, holdsAll }: Kind): void {
  const scene = () => sceneOf(open<number>());

  test(`${name}.get() returns the items in order`, async () => {
    const queue = open<number>();
    for (const item of [111, 333, 222]) await queue.put(item);
    assertEquals([queue.size, queue.empty], [3, false]);
    const items = [await queue.get(), await queue.get(), await queue.get()];
    assertEquals(items, order([111, 333, 222]));
    assertEquals([queue.size, queue.empty], [0, true]);
  });

  test(`${name}.get() waits until an item is put`, async () => {
    const { queue, log, note } = scene();
    const got = note("a", queue.get());
    await turn();
    assertEquals(log, []);
    await queue.put(7);
    await got;
    assertEquals([log, queue.size], [["a 7"], 0]);
  });

  test(`${name}.get() serves waiters in order of arrival`, async () => {
    const { queue, log, note } = scene();
    for (const who of ["a", "b", "c"]) void note(who, queue.get());
    for (const item of [3, 1]) await queue.put(item);
    // A later get waits behind the others.
    assertEquals(queue.tryGet(), undefined);
    void note("d", queue.get());
    for (const item of [2, 0]) await queue.put(item);
    await turn();
    assertEquals(log, ["a 3", "b 1", "c 2", "d 0"]);
  });

  test(`${name}.get() rejects with QueueEmptyError after its timeout, and takes no later item`, async () => {
    const { queue, clock, left, note, log } = scene();
    const wait = queue.get({ timeout: 10 });
    void note("behind", queue.get({ timeout: 20 }));
    const failed = assertRejects(() => wait, QueueEmptyError, "Cannot get from a queue within 10 ms");
    clock.advance(9);
    assertEquals(left(), 2);
    clock.advance(1);
    assertInstanceOf(await failed, TimeoutError);
    assertEquals(left(), 1);
    await queue.put(1);
    await queue.put(2);
    await turn();
    assertEquals([log, left(), drain(queue)], [["behind 1"], 0, [2]]);
  });

  test(`${name}.get() with a timeout of 0 never waits`, async () => {
    const { queue, left } = scene();
    await assertRejects(() => queue.get({ timeout: 0 }), QueueEmptyError, "within 0 ms");
    await queue.put(1);
    assertEquals(await queue.get({ timeout: 0 }), 1);
    await queue.put(2);
    assertEquals([left(), drain(queue)], [0, [2]]);
  });

  test(`${name}.get() rejects with the reason of its signal, and takes nothing`, async () => {
    const { queue, clock } = scene();
    const { controller, signal, listeners } = countingSignal();
    const reason = { any: "thing" };
    const wait = queue.get({ signal, timeout: 10 });
    const failed = assertRejects(() => wait);
    assertEquals([listeners(), clock.pending], [1, 1]);
    controller.abort(reason);
    assertStrictEquals(await failed, reason);
    assertEquals([listeners(), clock.pending], [0, 0]);
    await queue.put(1);
    // A get whose signal is already aborted takes nothing either.
    assertStrictEquals(await assertRejects(() => queue.get({ signal, timeout: 0 })), reason);
    assertEquals([listeners(), drain(queue)], [0, [1]]);
  });

  test(`${name}.get() leaves no listener and no timer once it is served`, async () => {
    const { queue, signal, left } = scene();
    const waits = [1, 2, 3].map(() => queue.get({ signal, timeout: 10 }));
    assertEquals(left(), 4);
    for (const item of [1, 2, 3]) await queue.put(item);
    assertEquals([left(), await Promise.all(waits)], [0, [1, 2, 3]]);
    await queue.put(4);
    assertEquals([await queue.get({ signal, timeout: 10 }), left()], [4, 0]);
  });

  test(`${name}.get() leaves an item to others that a listener puts while its signal aborts`, async () => {
    const { queue, log, note, abort, signal, left } = scene();
    signal.addEventListener("abort", () => void queue.put(1));
    void note("a", queue.get({ signal, timeout: 10 }));
    void note("b", queue.get());
    abort("gone");
    await turn();
    assertEquals([log.sort(), left(), queue.size], [["a gone", "b 1"], 0, 0]);
  });

  test(`${name}.get() keeps a granted item, even if its signal is aborted before it resumes`, async () => {
    const { queue, abort, signal } = scene();
    const wait = queue.get({ signal, timeout: 10 });
    await queue.put(1);
    abort("too late");
    assertEquals([await wait, queue.size], [1, 0]);
  });

  test(`${name}.get() leaves nothing after many short timeouts`, async () => {
    const { queue, clock, signal, left } = scene();
    for (let i = 0; i < 1_000; i++) {
      const wait = queue.get({ timeout: 1, signal });
      clock.advance(1);
      await assertRejects(() => wait, QueueEmptyError);
    }
    assertEquals(left(), 0);
    await queue.put(1);
    assertEquals(queue.size, 1);
  });

  test(`${name}.get() rejects invalid options, and takes nothing`, async () => {
    const queue = open<number>();
    await queue.put(1);
    for (const timeout of [-1, NaN]) await assertRejects(() => queue.get({ timeout }), RangeError, "Cannot get");
    for (const options of [{ timeout: "1" }, { signal: {} }, 5, null]) {
      await assertRejects(() => queue.get(options as object), TypeError, "Cannot get");
    }
    assertEquals(drain(queue), [1]);
  });

  test(`${name}.tryGet() takes an item or returns undefined`, async () => {
    const queue = open<number>();
    assertEquals(queue.tryGet(), undefined);
    for (const item of [5, 4]) await queue.put(item);
    assertEquals([queue.tryGet(), queue.tryGet(), queue.tryGet()], [...order([5, 4]), undefined]);
  });

  if (holdsAll) {
    test(`${name} holds undefined and all other falsy items`, async () => {
      const items = [undefined, null, 0, "", false, NaN];
      for (const item of items) {
        const queue = open<unknown>();
        const waiting = queue.get();
        await queue.put(item);
        await queue.put(item);
        assertEquals(queue.size, 1);
        assertStrictEquals(await waiting, item);
        assertStrictEquals(await queue.get(), item);
      }
    });
  }

  test(`${name}.shutdown() ends all waits for items, each with a separate error`, async () => {
    const { queue, signal, left } = scene();
    const waits = [queue.get(), queue.get({ signal, timeout: 10 })];
    const failed = Promise.all(waits.map((wait) => assertRejects(() => wait, QueueShutDownError, "Cannot get")));
    assertEquals(queue.isShutDown, false);
    queue.shutdown();
    assertEquals([queue.isShutDown, left()], [true, 0]);
    const errors = await failed as QueueShutDownError[];
    assertEquals(errors.map(({ value }) => value), [undefined, undefined]);
    assert(errors[0] !== errors[1]);
  });

  test(`${name}.shutdown() lets the remaining items be taken, and no more`, async () => {
    const queue = open<number>();
    for (const item of [1, 2, 3]) await queue.put(item);
    queue.shutdown();
    queue.shutdown();
    const refused = await assertRejects(async () => await queue.put(4), QueueShutDownError, "Cannot put");
    assertEquals((refused as QueueShutDownError).value, 4);
    assertEquals([await queue.get(), queue.tryGet(), await queue.get({ timeout: 0 })], order([1, 2, 3]));
    await assertRejects(() => queue.get(), QueueShutDownError, "is empty");
    await assertRejects(() => queue.get({ timeout: 0 }), QueueShutDownError);
    assertThrows(() => queue.tryGet(), QueueShutDownError, "is empty");
  });

  test(`${name}.shutdown() discards the items if it is immediate, even the second time`, async () => {
    for (const first of [[], [{ immediate: false }]]) {
      const queue = open<number>();
      for (const item of [1, 2, 3]) await queue.put(item);
      for (const options of first) queue.shutdown(options);
      queue.shutdown({ immediate: true });
      assertEquals([queue.size, queue.empty], [0, true]);
      await assertRejects(() => queue.get(), QueueShutDownError);
    }
    assertThrows(() => open().shutdown(null as never), TypeError, "Cannot shut down");
  });

  test(`${name}[Symbol.asyncIterator]() ends after the shutdown, once the queue is empty`, async () => {
    const queue = open<number>();
    const seen: number[] = [];
    const loops = [loop(queue, seen), loop(queue, seen)];
    for (const item of [1, 2]) await queue.put(item);
    await turn();
    assertEquals(seen, [1, 2]);
    for (const item of [3, 4, 5]) await queue.put(item);
    queue.shutdown();
    await Promise.all([...loops, loop(queue, seen)]);
    assertEquals([seen.sort(), queue.size], [[1, 2, 3, 4, 5], 0]);
  });

  test(`${name}[Symbol.asyncIterator]() takes the remaining items after the shutdown`, async () => {
    const queue = open<number>();
    for (const item of [1, 3, 2]) await queue.put(item);
    queue.shutdown();
    const seen: number[] = [];
    await loop(queue, seen);
    await loop(queue, seen);
    assertEquals([seen, queue.size], [order([1, 3, 2]), 0]);
  });

  test(`${name}[Symbol.asyncIterator]() takes no further items once its loop is left`, async () => {
    const queue = open<number>();
    for (const item of [1, 2, 3]) await queue.put(item);
    const seen: number[] = [];
    for await (const item of queue) {
      seen.push(item);
      break;
    }
    assertEquals([...seen, ...drain(queue)], order([1, 2, 3]));
  });

  test(`${name}[Symbol.dispose]() shuts down`, async () => {
    const queue = open<number>();
    await queue.put(1);
    queue[Symbol.dispose]();
    assertEquals([queue.isShutDown, await queue.get()], [true, 1]);
    await assertRejects(() => queue.get(), QueueShutDownError);
  });
}

async function loop(queue: AnyQueue<number>, seen: number[]): Promise<void> {
  for await (const item of queue) seen.push(item);
}
