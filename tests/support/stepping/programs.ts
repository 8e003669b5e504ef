// Defines what the threads of a scenario do.

import type * as sync from "../../../src/sync/mod.ts";

/** Functions for programs besides the primitives. */
export interface Api {
  /** Enters a section for at most `limit` threads; fails the test if there are more. */
  enter(limit: number): void;
  leave(): void;
  /** Records a number for other threads and the test. */
  note(cell: number, value: number): void;
  noted(cell: number): number;
  /** Allows a switch to another thread. */
  step(): void;
  /** Calls back in the loop of the thread after a delay in milliseconds. */
  later(delay: number, fn: () => void): void;
}

/** The work of one thread. */
export type Program<P> = (primitives: P, api: Api) => Promise<void> | void;

/** The form of a wait. */
export type Form = "sync" | "async";
/** How a wait ends early. */
export type Limit = "timeout" | "abort";

export interface HasSemaphore {
  semaphore: sync.Semaphore;
}
export interface HasLock {
  lock: sync.Lock | sync.RLock;
}
export interface HasRwLock {
  lock: sync.RwLock;
}
export interface HasEvent {
  event: sync.Event;
}
export interface HasCondition {
  condition: sync.Condition;
}
export interface HasBarrier {
  barrier: sync.Barrier;
}

/** The timeout of a wait in milliseconds: less than a sleeper's re-check interval. */
const SOON = 5;
const GIVEN_UP = ["TimeoutError", "AbortError"];

function optionsOf(limit: Limit | undefined, { later }: Api): { timeout?: number; signal?: AbortSignal } {
  if (limit === undefined) return {};
  if (limit === "timeout") return { timeout: SOON };
  const controller = new AbortController();
  later(SOON, () => controller.abort());
  return { signal: controller.signal };
}

/** Acquires and releases permits `times` times, or gives up. Retries once after an AbandonedError. */
export function taking<P>(
  acquire: Acquire<P>,
  { times = 1, weight = 1, most = 1, limit }: { times?: number; weight?: number; most?: number; limit?: Limit } = {},
): Program<P> {
  return async (primitives, api) => {
    let told = 0;
    for (let i = 0; i < times; i++) {
      try {
        const permit = await acquire(primitives, optionsOf(limit, api));
        for (let n = 0; n < weight; n++) api.enter(most);
        api.step();
        for (let n = 0; n < weight; n++) api.leave();
        permit.release();
      } catch (error) {
        const { name } = error as Error;
        if (name === "AbandonedError" && told++ === 0) i--;
        else if (limit === undefined || !GIVEN_UP.includes(name)) throw error;
      }
    }
  };
}

/** A way to acquire. */
type Acquire<P> = (primitives: P, limits?: sync.AcquireOptions) => sync.Permit | Promise<sync.Permit>;

export const semaphoreSync: Acquire<HasSemaphore> = ({ semaphore }, limits) => semaphore.acquireSync(limits);
export const semaphoreAsync: Acquire<HasSemaphore> = ({ semaphore }, limits) => semaphore.acquire(limits);
export const twoSync: Acquire<HasSemaphore> = ({ semaphore }) => semaphore.acquireSync({ count: 2 });
export const lockSync: Acquire<HasLock> = ({ lock }, limits) => lock.acquireSync(limits);
export const lockAsync: Acquire<HasLock> = ({ lock }, limits) => lock.acquire(limits);
export const readSync: Acquire<HasRwLock> = ({ lock }) => lock.acquireReadSync();
export const readAsync: Acquire<HasRwLock> = ({ lock }) => lock.acquireRead();
export const writeSync: Acquire<HasRwLock> = ({ lock }) => lock.acquireWriteSync();
/** A writer counts as two threads, so that with a limit of two it excludes all others. */
export const WRITES = { weight: 2, most: 2 }, READS = { most: 2 };

/** Uses a naive lock that reads a note and then sets it, which is not atomic. */
export function looking(_: object, { noted, note, step, enter, leave }: Api): void {
  step();
  if (noted(0) !== 0) return;
  step();
  note(0, 1);
  enter(1);
  step();
  leave();
  note(0, 0);
}

/** Waits for an event, and records that. */
export function seeing(form: Form, cell: number): Program<HasEvent> {
  return async ({ event }, { note }) => {
    if (form === "sync") event.waitSync();
    else await event.wait();
    note(cell, 1);
  };
}

/** The state of a wait. */
export const WAITS = 1, PASSED = 2, GAVE_UP = 3, ABANDONED = 4, BROKEN = 5;
const ENDS: Record<string, number> = {
  TimeoutError: GAVE_UP,
  AbortError: GAVE_UP,
  AbandonedError: ABANDONED,
  BrokenBarrierError: BROKEN,
};

/** Records that a wait begins, and then how it ended. */
async function noting({ note }: Api, cell: number, wait: () => unknown): Promise<void> {
  note(cell, WAITS);
  try {
    await wait();
    note(cell, PASSED);
  } catch (error) {
    const end = ENDS[(error as Error).name];
    if (end === undefined) throw error;
    note(cell, end);
  }
}

/** Waits for one notification. */
export function hearing(form: Form, cell: number, limit?: Limit): Program<HasCondition> {
  return async ({ condition }, api) => {
    const take = async () => form === "sync" ? condition.acquireSync() : await condition.acquire();
    // The holder may have been killed in the meantime.
    const permit = await take().catch((error) => error.name === "AbandonedError" ? take() : Promise.reject(error));
    const options = optionsOf(limit, api);
    await noting(api, cell, () => form === "sync" ? condition.waitSync(options) : condition.wait(options));
    permit.release();
  };
}

/** The cells for the number of notified threads, and for a bit of each waiting thread. */
export const NOTIFIED = 2, THERE = 3;

/** Notifies each thread that is waiting when this one has the lock. */
export async function notifying({ condition }: HasCondition, { noted, note }: Api): Promise<void> {
  const permit = await condition.acquire().catch((error) =>
    error.name === "AbandonedError" ? condition.acquire() : Promise.reject(error)
  );
  for (const cell of [0, 1]) {
    if (noted(cell) !== WAITS) continue;
    condition.notify();
    note(NOTIFIED, noted(NOTIFIED) + 1);
    note(THERE, noted(THERE) | 1 << cell);
  }
  permit.release();
}

/** Waits at a barrier for `rounds` rounds or until a round breaks, and records how each round ended. */
export function meeting(form: Form, own: number, rounds: number, limit?: Limit): Program<HasBarrier> {
  return async ({ barrier }, api) => {
    for (let cell = own; cell < own + rounds && (cell === own || api.noted(cell - 1) === PASSED); cell++) {
      const options = optionsOf(limit, api);
      await noting(api, cell, () => form === "sync" ? barrier.waitSync(options) : barrier.wait(options));
    }
  };
}
