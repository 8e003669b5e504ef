// Lists the kinds of queues behind one interface, so that shared behaviour is tested once.

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

/** The methods of every queue. */
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
  /** Opens a queue; `bytes` applies to kinds with a byte limit. */
  open<T>(maxSize?: number, bytes?: number): AnyQueue<T>;
  /** The order in which items come out that were put together. */
  order(items: readonly number[]): number[];
  /** Whether items may be of any type. */
  readonly holdsAll: boolean;
}

/** The methods of queues with a limit and a count of unfinished items. */
export interface AnyBoundedQueue<T> extends AnyQueue<T> {
  readonly maxSize: number;
  readonly full: boolean;
  readonly unfinished: number;
  put(item: T, options?: WaitOptions): Promise<void>;
  tryPut(item: T): boolean;
  taskDone(): void;
  join(options?: WaitOptions): Promise<void>;
}

/** A kind of queue with a limit and a count of unfinished items. */
export interface BoundedKind extends Kind {
  open<T>(maxSize?: number, bytes?: number): AnyBoundedQueue<T>;
}

/** All bounded kinds. */
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

/** All kinds. */
export const KINDS: readonly Kind[] = [
  ...BOUNDED,
  { name: "SimpleQueue", open: <T>() => new SimpleQueue<T>(), order: (items) => [...items], holdsAll: true },
];

/** Gives a queue a manual clock. */
export function manual(queue: unknown): ManualClock {
  const clock = new ManualClock();
  if (queue instanceof SharedQueue) useSharedClock(queue, clock);
  else useClock(queue instanceof SimpleQueue ? queueOf(queue) : queue as Queue<unknown>, clock);
  return clock;
}

/** A queue with a clock, a signal, and a log of ended waits. */
export interface Scene<Q> {
  readonly queue: Q;
  readonly clock: ManualClock;
  readonly log: string[];
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  /** The number of pending timers and listeners. */
  left(): number;
  /** Logs how a wait ends; resolves after that. */
  note(name: string, wait: Promise<unknown>): Promise<void>;
}

/** Creates a scene. */
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

/** Lets settled promises call back. */
export async function turn(): Promise<void> {
  for (let hops = 0; hops < 5; hops++) await Promise.resolve();
}

/** Takes all items. */
export function drain<T>(queue: AnyQueue<T>): T[] {
  const items: T[] = [];
  while (!queue.empty) items.push(queue.tryGet()!);
  return items;
}
