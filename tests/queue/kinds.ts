// The kinds of queues, behind one interface: what they have in common is tested once.

import type { WaitOptions } from "../../src/core/wait_options.ts";
import { LifoQueue } from "../../src/queue/lifo_queue.ts";
import { PriorityQueue } from "../../src/queue/priority_queue.ts";
import { Queue, type QueueShutdownOptions, useClock } from "../../src/queue/queue.ts";
import { SharedLifoQueue } from "../../src/queue/shared/shared_lifo_queue.ts";
import { SharedPriorityQueue } from "../../src/queue/shared/shared_priority_queue.ts";
import { SharedQueue, useSharedClock } from "../../src/queue/shared/shared_queue.ts";
import { queueOf, SimpleQueue } from "../../src/queue/simple_queue.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { countingSignal } from "../support/signals.ts";

/** What every queue can do. */
export interface AnyQueue<T> extends AsyncIterable<T>, Disposable {
  readonly size: number;
  readonly empty: boolean;
  readonly isShutDown: boolean;
  put(item: T): Promise<void> | void;
  get(options?: WaitOptions): Promise<T>;
  tryGet(): T | undefined;
  shutdown(options?: QueueShutdownOptions): void;
}

/** A kind of queue. */
export interface Kind {
  readonly name: string;
  /** Opens one; `bytes` are for those that have a limit of bytes. */
  open<T>(maxSize?: number, bytes?: number): AnyQueue<T>;
  /** The order in which items come out that went in together. */
  order(items: readonly number[]): number[];
  /** Whether an item may be anything. */
  readonly holdsAll: boolean;
}

/** What a queue can do that has a limit and counts what is done. */
export interface AnyBoundedQueue<T> extends AnyQueue<T> {
  readonly maxSize: number;
  readonly full: boolean;
  readonly unfinished: number;
  put(item: T, options?: WaitOptions): Promise<void>;
  tryPut(item: T): boolean;
  taskDone(): void;
  join(options?: WaitOptions): Promise<void>;
}

/** A kind with a limit, which counts what is done. */
export interface BoundedKind extends Kind {
  open<T>(maxSize?: number, bytes?: number): AnyBoundedQueue<T>;
}

/** Those with a limit. */
export const BOUNDED: readonly BoundedKind[] = [
  {
    name: "Queue",
    open: <T>(maxSize?: number) => new Queue<T>(maxSize),
    order: (items) => [...items],
    holdsAll: true,
  },
  {
    name: "LifoQueue",
    open: <T>(maxSize?: number) => new LifoQueue<T>(maxSize),
    order: (items) => items.toReversed(),
    holdsAll: true,
  },
  {
    name: "PriorityQueue",
    open: <T>(maxSize?: number) => new PriorityQueue<T>(maxSize),
    order: (items) => items.toSorted((a, b) => a - b),
    holdsAll: false,
  },
  {
    name: "SharedQueue",
    open: <T>(maxSize?: number, bytes?: number) => new SharedQueue<T>({ maxSize, bytes }),
    order: (items) => [...items],
    holdsAll: true,
  },
  {
    name: "SharedLifoQueue",
    open: <T>(maxSize?: number, bytes?: number) => new SharedLifoQueue<T>({ maxSize, bytes }),
    order: (items) => items.toReversed(),
    holdsAll: true,
  },
  {
    name: "SharedPriorityQueue",
    open: <T>(maxSize?: number, bytes?: number) => new SharedPriorityQueue<T>({ maxSize, bytes }),
    order: (items) => items.toSorted((a, b) => a - b),
    holdsAll: false,
  },
];

/** All of them. */
export const KINDS: readonly Kind[] = [
  ...BOUNDED,
  { name: "SimpleQueue", open: <T>() => new SimpleQueue<T>(), order: (items) => [...items], holdsAll: true },
];

/** Puts a clock into a queue that stands still until a test lets time pass. */
export function manual(queue: unknown): ManualClock {
  const clock = new ManualClock();
  if (queue instanceof SharedQueue) useSharedClock(queue, clock);
  else useClock(queue instanceof SimpleQueue ? queueOf(queue) : queue as Queue<unknown>, clock);
  return clock;
}

/** A queue with a clock and a signal, and a log that tells what becomes of waits. */
export interface Scene<Q> {
  readonly queue: Q;
  readonly clock: ManualClock;
  readonly log: string[];
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  /** How many timers and listeners there are. */
  left(): number;
  /** Notes how a wait ends; returns when that is noted. */
  note(name: string, wait: Promise<unknown>): Promise<void>;
}

/** Sets the scene. */
export function sceneOf<Q>(queue: Q): Scene<Q> {
  const clock = manual(queue);
  const { controller, signal, listeners } = countingSignal();
  const log: string[] = [];
  const note = (name: string, wait: Promise<unknown>) =>
    wait.then(
      (value) => void log.push(typeof value === "number" ? `${name} ${value}` : name),
      (error) => void log.push(`${name} ${error instanceof Error ? error.name : error}`),
    );
  const abort = (reason: unknown) => controller.abort(reason);
  return { queue, clock, log, signal, abort, left: () => clock.pending + listeners(), note };
}

/** Lets promises that are settled call back. */
export async function turn(): Promise<void> {
  for (let hops = 0; hops < 5; hops++) await Promise.resolve();
}

/** Takes all there is. */
export function drain<T>(queue: AnyQueue<T>): T[] {
  const items: T[] = [];
  while (!queue.empty) items.push(queue.tryGet()!);
  return items;
}
