// Implements sources of futures that a test controls.

import { fulfil, Future, markCancelled, reject } from "../../src/futures/future.ts";
import type { FutureSource, Outcome } from "../../src/futures/source.ts";
import type { MapPlan } from "../../src/futures/map_plan.ts";

/** A source that records its calls. */
export class FakeSource implements FutureSource {
  running = false;
  cancels = 0;
  readonly aborts: unknown[] = [];

  cancel(): boolean {
    this.cancels++;
    return !this.running;
  }

  abort(reason: unknown): void {
    this.aborts.push(reason);
  }
}

/** A submitted chunk and its future. */
export class FakeChunk implements FutureSource {
  readonly items: readonly unknown[];
  readonly future: Future<Outcome[]> = new Future<Outcome[]>(this);
  running = false;

  constructor(items: readonly unknown[]) {
    this.items = items;
  }

  cancel(): boolean {
    if (!this.running) markCancelled(this.future);
    return !this.running;
  }

  abort(reason: unknown): void {
    reject(this.future, reason);
  }

  /** Fulfils the chunk: the result of each item is ten times the item. */
  done(): void {
    fulfil(this.future, this.items.map((item) => ({ value: Number(item) * 10 })));
  }

  /** Fails the chunk after the results of its first items. */
  fail(error: unknown, after = 0): void {
    const outcomes: Outcome[] = this.items.slice(0, after).map((item) => ({ value: Number(item) * 10 }));
    fulfil(this.future, [...outcomes, { error }]);
  }
}

/** A plan of a map, with the submitted chunks. */
export interface FakePlan extends MapPlan {
  readonly chunks: FakeChunk[];
}

/** Creates a plan; with `eager`, chunks end when they are submitted. */
export function planOf(items: MapPlan["items"], options: Partial<MapPlan> & { eager?: boolean } = {}): FakePlan {
  const { eager = false, ...given } = options;
  const chunks: FakeChunk[] = [];
  return {
    items,
    submit: (taken) => {
      const chunk = new FakeChunk(taken.slice());
      chunks.push(chunk);
      if (eager) chunk.done();
      return chunk.future;
    },
    chunkSize: () => 1,
    bufferSize: 1_024,
    ordered: true,
    timeout: Infinity,
    signal: undefined,
    onProgress: undefined,
    watch: () => () => {},
    unseen: () => {},
    ...given,
    chunks,
  };
}

/** A signal that counts its listeners. */
export class CountedSignal {
  readonly controller: AbortController = new AbortController();
  listeners = 0;
  /** The number of calls that remove a listener, even if it was not registered. */
  removals = 0;

  constructor() {
    const { signal } = this.controller;
    const add = signal.addEventListener.bind(signal), remove = signal.removeEventListener.bind(signal);
    const live = new Set<unknown>();
    signal.addEventListener = (type: string, fn: never, options: never) => {
      live.add(fn);
      this.listeners = live.size;
      add(type, fn, options);
    };
    signal.removeEventListener = (type: string, fn: never) => {
      this.removals++;
      live.delete(fn);
      this.listeners = live.size;
      remove(type, fn);
    };
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }
}

/** Runs a function, and returns the values that it printed as errors. */
export async function printed(fn: () => unknown): Promise<unknown[]> {
  const original = console.error;
  const lines: unknown[] = [];
  console.error = (...args: unknown[]) => void lines.push(...args);
  try {
    await fn();
  } finally {
    console.error = original;
  }
  return lines;
}

/** Lets all settled promises call back. */
export async function microtasks(): Promise<void> {
  for (let i = 0; i < 20; i++) await null;
}
