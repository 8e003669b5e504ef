// Defines tasks that use shared queues in other threads and processes.

import process from "node:process";
import { QueueEmptyError, QueueFullError, QueueShutDownError } from "../../src/queue/mod.ts";
import { current, type Task, task } from "../../src/task/mod.ts";
import type { SharedQueue } from "../../src/queue/shared/shared_queue.ts";

/** The form in which a task waits. */
export type Form = "sync" | "async";
/** Cells of shared memory that report progress; each test defines their meaning. */
export type Cells = Int32Array;

type AnyShared<T> = SharedQueue<T>;

/** Puts items one after another. */
export const putAll: Task<[AnyShared<unknown>, unknown[], Form], Promise<void>> = task(
  import.meta,
  async function putAll(queue: AnyShared<unknown>, items: unknown[], form: Form): Promise<void> {
    for (const item of items) {
      if (form === "sync") queue.putSync(item);
      else await queue.put(item);
    }
  },
);

/** Takes a number of items. */
export const getMany: Task<[AnyShared<unknown>, number, Form], Promise<unknown[]>> = task(
  import.meta,
  async function getMany(queue: AnyShared<unknown>, count: number, form: Form): Promise<unknown[]> {
    const items: unknown[] = [];
    while (items.length < count) items.push(form === "sync" ? queue.getSync() : await queue.get());
    return items;
  },
);

/** Reports that it waits, and returns the item or the name of the error. */
export const waitToGet: Task<[AnyShared<unknown>, Form, number?], Promise<unknown>> = task(
  import.meta,
  async function waitToGet(queue: AnyShared<unknown>, form: Form, timeout = Infinity): Promise<unknown> {
    current()!.progress("waits");
    try {
      return form === "sync" ? queue.getSync({ timeout }) : await queue.get({ timeout });
    } catch (error) {
      return (error as Error).name;
    }
  },
);

/** Reports that it waits to put, and returns how that ended: with the value of the error, if any. */
export const waitToPut: Task<[AnyShared<unknown>, unknown, Form, number?], Promise<unknown>> = task(
  import.meta,
  async function waitToPut(queue: AnyShared<unknown>, item: unknown, form: Form, timeout = Infinity): Promise<unknown> {
    current()!.progress("waits");
    try {
      if (form === "sync") queue.putSync(item, { timeout });
      else await queue.put(item, { timeout });
      return "put";
    } catch (error) {
      const { name, value } = error as QueueFullError;
      return [name, value];
    }
  },
);

/** Waits until all items are done, or returns the error. */
export const waitToJoin: Task<[AnyShared<unknown>], Promise<string>> = task(
  import.meta,
  async function waitToJoin(queue: AnyShared<unknown>): Promise<string> {
    const joined = queue.join();
    // Report this after the call, so that the wait has begun when the report arrives.
    current()!.progress("waits");
    try {
      await joined;
      return "joined";
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
  },
);

/** Calls taskDone() a number of times, and takes no item. */
export const finish: Task<[AnyShared<unknown>, number], Promise<void>> = task(
  import.meta,
  async function finish(queue: AnyShared<unknown>, count: number): Promise<void> {
    for (let i = 0; i < count; i++) await queue.taskDone();
  },
);

/** Loops over a queue until it is shut down. */
export const loop: Task<[AnyShared<unknown>], Promise<unknown[]>> = task(
  import.meta,
  async function loop(queue: AnyShared<unknown>): Promise<unknown[]> {
    const items: unknown[] = [];
    for await (const item of queue) {
      items.push(item);
      await queue.taskDone();
    }
    return items;
  },
);

/** Shuts a queue down. */
export const shut: Task<[AnyShared<unknown>, boolean], void> = task(
  import.meta,
  function shut(queue: AnyShared<unknown>, immediate: boolean): void {
    queue.shutdown({ immediate });
  },
);

/** Takes a number of items, reports that, and ends its thread or process when a cell is set. */
export const takeAndDie: Task<[AnyShared<unknown>, number, Cells?], Promise<never>> = task(
  import.meta,
  async function takeAndDie(queue: AnyShared<unknown>, count: number, cells?: Cells): Promise<never> {
    for (let i = 0; i < count; i++) await queue.get();
    current()!.progress("taken");
    while (cells !== undefined && Atomics.load(cells, 0) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    process.exit(0);
  },
);

/** Calls the synchronous methods; returns the names of their errors. */
export const refusals: Task<[AnyShared<unknown>], string[]> = task(
  import.meta,
  function refusals(queue: AnyShared<unknown>): string[] {
    const calls = [
      () => queue.getSync(),
      () => queue.putSync(1),
      () => queue.tryGet(),
      () => queue.tryPut(1),
      () => queue.size,
      () => queue.empty,
      () => queue.full,
      () => queue.unfinished,
      () => queue.isShutDown,
    ];
    return calls.map((call) => {
      try {
        call();
        return "nothing";
      } catch (error) {
        return (error as Error).name;
      }
    });
  },
);

/** Returns the queue if both arguments are the same object. */
export const giveBack: Task<[object, { again: object }], unknown> = task(
  import.meta,
  function giveBack(queue: object, other: { again: object }): unknown {
    return queue === other.again ? queue : "another one";
  },
);

/** Puts numbers that identify their producer and their order. A cell counts the items put. */
export const produce: Task<[AnyShared<number>, number, number, number, Cells?, number?], void> = task(
  import.meta,
  function produce(
    queue: AnyShared<number>,
    first: number,
    from: number,
    to: number,
    cells?: Cells,
    timeout = Infinity,
  ): void {
    for (let i = from; i < to; i++) {
      for (;;) {
        try {
          queue.putSync(first + i, { timeout });
          break;
        } catch (error) {
          if (error instanceof QueueShutDownError) return;
          if (!(error instanceof QueueFullError)) throw error;
        }
      }
      if (cells !== undefined) Atomics.add(cells, 0, 1);
    }
  },
);

/** The options of a consumer. */
export interface ConsumeOptions {
  readonly form: Form;
  /** The size of the number range of each producer. */
  readonly each: number;
  readonly timeout?: number;
  /** The number of items after which the consumer ends its thread. */
  readonly last?: number;
}

/**
 * Takes numbers until the queue is shut down and empty. It counts how often each number came, and in two cells the
 * items taken and done. Throws if the numbers of a producer are out of order.
 */
export const consume: Task<[AnyShared<number>, Uint8Array, Cells, ConsumeOptions], Promise<void>> = task(
  import.meta,
  async function consume(
    queue: AnyShared<number>,
    seen: Uint8Array,
    cells: Cells,
    { form, each, timeout = Infinity, last = Infinity }: ConsumeOptions,
  ): Promise<void> {
    const latest: number[] = [];
    let got = 0;
    for (;;) {
      let item: number;
      try {
        item = form === "sync" ? queue.getSync({ timeout }) : await queue.get({ timeout });
      } catch (error) {
        if (error instanceof QueueEmptyError) continue;
        if (error instanceof QueueShutDownError) return;
        throw error;
      }
      Atomics.add(seen, item, 1);
      Atomics.add(cells, 1, 1);
      if (++got === last) process.exit(0);
      const who = Math.floor(item / each);
      if ((latest[who] ?? -1) >= item) throw new Error(`${item} came after ${latest[who]}`);
      latest[who] = item;
      queue.taskDone();
      Atomics.add(cells, 2, 1);
    }
  },
);
