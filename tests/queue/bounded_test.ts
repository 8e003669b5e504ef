// Tests the methods of bounded queues: put() may wait for room, and taskDone() counts finished items.

import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { InvalidStateError, QueueFullError, QueueShutDownError, TimeoutError } from "../../src/core/errors.ts";
import { Queue, useStorage } from "../../src/queue/queue.ts";
import { FifoStorage } from "../../src/queue/storage.ts";
import { BOUNDED, type BoundedKind, drain, sceneOf, turn } from "./kinds.ts";

for (const kind of BOUNDED) suite(kind);

function suite({ name, open, order, holdsAll }: BoundedKind): void {
  const scene = (maxSize: number) => sceneOf(open<number>(maxSize));

  test(`${name} reports how many items it holds`, async () => {
    const queue = open<number>(2);
    const picture = () => [queue.size, queue.empty, queue.full, queue.unfinished];
    assertEquals([queue.maxSize, ...picture()], [2, 0, true, false, 0]);
    await queue.put(1);
    assertEquals(picture(), [1, false, false, 1]);
    await queue.put(2);
    assertEquals(picture(), [2, false, true, 2]);
    await queue.get();
    assertEquals(picture(), [1, false, false, 2]);
    queue.taskDone();
    assertEquals(picture(), [1, false, false, 1]);
  });

  test(`${name} has room for any number of items if its limit is 0 or less`, async () => {
    for (const queue of [open<number>(), open<number>(0), open<number>(-1)]) {
      for (let item = 0; item < 1_000; item++) await queue.put(item);
      assertEquals([queue.size, queue.full], [1_000, false]);
    }
    assertEquals([open().maxSize, open(-1).maxSize], [0, -1]);
  });

  test(`${name} rejects a limit that is not an integer`, () => {
    for (const maxSize of [0.5, NaN, Infinity]) assertThrows(() => open(maxSize), RangeError, "'maxSize'");
    assertThrows(() => open("1" as unknown as number), TypeError, "'maxSize'");
  });

  test(`${name}.put() waits while the queue is full`, async () => {
    const { queue, log, note } = scene(1);
    await queue.put(1);
    const put = note("put", queue.put(2));
    await turn();
    assertEquals([log, queue.size, queue.unfinished], [[], 1, 1]);
    assertEquals(await queue.get(), 1);
    await put;
    assertEquals([log, queue.size, queue.unfinished], [["put"], 1, 2]);
  });

  test(`${name}.put() serves waiters in order of arrival`, async () => {
    const { queue, log, note } = scene(1);
    await queue.put(9);
    for (const item of [3, 1, 2]) void note(`${item}`, queue.put(item));
    const taken: number[] = [];
    for (let i = 0; i < 3; i++) {
      taken.push(queue.tryGet()!);
      // A later put finds no room.
      assertEquals(queue.tryPut(0), false);
    }
    await turn();
    assertEquals([log, taken, drain(queue)], [["3", "1", "2"], [9, 3, 1], [2]]);
  });

  test(`${name}.put() rejects with QueueFullError and the item after its timeout, and leaves nothing`, async () => {
    const { queue, clock, log, note, left } = scene(1);
    await queue.put(1);
    const late = queue.put(2, { timeout: 10 });
    void note("behind", queue.put(3, { timeout: 20 }));
    const failed = assertRejects(() => late, QueueFullError, "Cannot put into a queue within 10 ms");
    clock.advance(10);
    const error = await failed;
    assertInstanceOf(error, TimeoutError);
    assertEquals([(error as QueueFullError).value, left(), queue.size], [2, 1, 1]);
    assertEquals([await queue.get(), await queue.get(), queue.size, left()], [1, 3, 0, 0]);
    await turn();
    assertEquals([log, queue.unfinished], [["behind"], 2]);
  });

  test(`${name}.put() with a timeout of 0 never waits`, async () => {
    const { queue, left } = scene(1);
    await queue.put(1, { timeout: 0 });
    const error = await assertRejects(() => queue.put(2, { timeout: 0 }), QueueFullError, "within 0 ms");
    assertEquals([(error as QueueFullError).value, left(), drain(queue)], [2, 0, [1]]);
  });

  test(`${name}.put() rejects with its own item, regardless of other waits that end`, async () => {
    const { queue, clock, signal, abort, left } = scene(1);
    await queue.put(1);
    const waits = [
      queue.put(2, { timeout: 10, signal }),
      queue.put(3, { timeout: 10 }),
      queue.put(4, { timeout: 0 }),
      queue.put(5, { timeout: 20 }),
    ];
    const ends = Promise.allSettled(waits);
    abort("gone");
    clock.advance(10);
    clock.advance(10);
    const reasons = (await ends).map((end) => end.status === "rejected" ? end.reason : undefined);
    assertEquals(reasons.map((reason) => reason === "gone" ? reason : reason.value), ["gone", 3, 4, 5]);
    assertEquals([left(), drain(queue)], [0, [1]]);
  });

  test(`${name}.put() rejects with the reason of its signal, and leaves no item`, async () => {
    const { queue, signal, abort, left } = scene(1);
    const reason = new Error("enough");
    await queue.put(1);
    const wait = queue.put(2, { signal, timeout: 10 });
    const failed = assertRejects(() => wait);
    assertEquals(left(), 2);
    abort(reason);
    assertStrictEquals(await failed, reason);
    assertEquals([left(), await queue.get(), queue.size], [0, 1, 0]);
    // A put whose signal is already aborted leaves no item either, although there is room.
    assertStrictEquals(await assertRejects(() => queue.put(3, { signal })), reason);
    assertEquals([queue.size, queue.unfinished], [0, 1]);
  });

  test(`${name}.put() leaves no listener and no timer once it is served`, async () => {
    const { queue, signal, left } = scene(1);
    const waits = [1, 2, 3].map((item) => queue.put(item, { signal, timeout: 10 }));
    assertEquals(left(), 3);
    while (!queue.empty) queue.tryGet();
    assertEquals(left(), 0);
    await Promise.all(waits);
  });

  test(`${name}.put() leaves room to others that a listener frees while its signal aborts`, async () => {
    const { queue, signal, abort, log, note, left } = scene(1);
    await queue.put(1);
    signal.addEventListener("abort", () => void queue.tryGet());
    void note("a", queue.put(2, { signal, timeout: 10 }));
    void note("b", queue.put(3));
    abort("gone");
    await turn();
    assertEquals([log.sort(), left(), drain(queue)], [["a gone", "b"], 0, [3]]);
  });

  test(`${name}.put() rejects invalid options, and puts nothing`, async () => {
    const queue = open<number>();
    for (const timeout of [-1, NaN]) await assertRejects(() => queue.put(1, { timeout }), RangeError, "Cannot put");
    for (const options of [{ timeout: "1" }, { signal: {} }, 5, null]) {
      await assertRejects(() => queue.put(1, options as object), TypeError, "Cannot put");
    }
    assertEquals([queue.size, queue.unfinished], [0, 0]);
  });

  test(`${name}.tryPut() returns whether there was room`, () => {
    const queue = open<number>(2);
    assertEquals([queue.tryPut(2), queue.tryPut(1), queue.tryPut(3), queue.size], [true, true, false, 2]);
    assertEquals(drain(queue), order([2, 1]));
  });

  test(`${name}.tryPut() serves a waiting get()`, async () => {
    const queue = open<number>(1);
    const waits = [queue.get(), queue.get()];
    assertEquals([queue.tryPut(1), queue.tryPut(2), queue.size], [true, true, 0]);
    assertEquals(await Promise.all(waits), [1, 2]);
  });

  test(`${name}.taskDone() throws InvalidStateError if called too often`, async () => {
    const queue = open<number>();
    assertThrows(() => queue.taskDone(), InvalidStateError, "Cannot call taskDone");
    await queue.put(1);
    queue.taskDone();
    assertThrows(() => queue.taskDone(), InvalidStateError);
    assertEquals([queue.unfinished, queue.size], [0, 1]);
  });

  test(`${name}.join() waits until all items are done`, async () => {
    const { queue, log, note } = scene(2);
    await queue.join();
    for (const item of [1, 2]) await queue.put(item);
    const joins = [note("a", queue.join()), note("b", queue.join())];
    await queue.get();
    queue.taskDone();
    // Put another item before the second one is done.
    await queue.put(3);
    queue.taskDone();
    await turn();
    assertEquals(log, []);
    queue.taskDone();
    await Promise.all(joins);
    assertEquals([log, queue.unfinished], [["a", "b"], 0]);
    await queue.join({ timeout: 0 });
  });

  test(`${name}.join() ends early by timeout and signal, and leaves nothing`, async () => {
    const { queue, clock, signal, abort, left } = scene(0);
    await queue.put(1);
    await assertRejects(() => queue.join({ timeout: 0 }), TimeoutError, "Cannot join a queue within 0 ms");
    const waits = [queue.join({ timeout: 10, signal }), queue.join({ signal })];
    const ends = Promise.allSettled(waits);
    assertEquals(left(), 2);
    clock.advance(10);
    abort("gone");
    const reasons = (await ends).map((end) => end.status === "rejected" ? end.reason : undefined);
    assertEquals([reasons[0].name, reasons[1], left(), queue.unfinished], ["TimeoutError", "gone", 0, 1]);
    await assertRejects(() => queue.join({ timeout: -1 }), RangeError, "Cannot join");
  });

  test(`${name}.shutdown() ends all waits for room, each with its item`, async () => {
    const { queue, signal, left } = scene(1);
    await queue.put(1);
    const ends = Promise.allSettled([queue.put(2), queue.put(3, { signal, timeout: 10 })]);
    queue.shutdown();
    const reasons = (await ends).map((end) => end.status === "rejected" ? end.reason : undefined);
    assert(reasons.every((reason) => reason instanceof QueueShutDownError));
    assertEquals([reasons.map(({ value }) => value), left(), drain(queue)], [[2, 3], 0, [1]]);
    const error = assertThrows(() => queue.tryPut(4), QueueShutDownError, "Cannot put");
    assertEquals((error as QueueShutDownError).value, 4);
    await assertRejects(() => queue.put(4, { timeout: 0 }), QueueShutDownError);
    assertEquals([queue.size, queue.unfinished], [0, 1]);
  });

  test(`${name}.shutdown() lets join() wait for the remaining items`, async () => {
    const { queue, log, note } = scene(0);
    for (const item of [1, 2]) await queue.put(item);
    const join = note("joined", queue.join());
    queue.shutdown();
    drain(queue);
    queue.taskDone();
    await turn();
    assertEquals(log, []);
    queue.taskDone();
    await join;
  });

  test(`${name}.shutdown() counts discarded items as done, and wakes join()`, async () => {
    const { queue, log, note } = scene(0);
    for (const item of [1, 2, 3]) await queue.put(item);
    await queue.get();
    const join = note("joined", queue.join());
    queue.shutdown({ immediate: true });
    await turn();
    // The item that was taken is not done yet.
    assertEquals([log, queue.unfinished], [[], 1]);
    queue.taskDone();
    await join;
    const other = open<number>();
    await other.put(1);
    const joined = other.join();
    other.shutdown({ immediate: true });
    await joined;
    assertThrows(() => other.taskDone(), InvalidStateError);
  });

  test(`${name}.shutdown() discards items that were counted as done before they were taken`, async () => {
    const queue = open<number>();
    for (const item of [1, 2]) await queue.put(item);
    queue.taskDone();
    queue.shutdown({ immediate: true });
    assertEquals([queue.size, queue.unfinished], [0, 0]);
    await queue.join({ timeout: 0 });
  });

  if (holdsAll && open() instanceof Queue) {
    test(`${name} with a failing storage rejects that put(), and serves the others`, async () => {
      class Failing extends FifoStorage<number> {
        override add(item: number): void {
          if (item < 0) throw new RangeError(`${item}`);
          super.add(item);
        }
      }
      const { queue, log, note } = scene(1);
      useStorage(queue as Queue<number>, new Failing());
      await assertRejects(() => queue.put(-1), RangeError);
      void note("get", queue.get());
      assertThrows(() => queue.tryPut(-2), RangeError);
      assertEquals([queue.size, queue.unfinished], [0, 0]);
      await queue.put(1);
      await queue.put(2);
      for (const item of [-3, 4]) void note(`${item}`, queue.put(item));
      assertEquals(await queue.get(), 2);
      await turn();
      assertEquals([log, drain(queue), queue.unfinished], [["get 1", "-3 RangeError", "4"], [4], 3]);
    });
  }
}
