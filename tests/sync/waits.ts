// Lists all waits behind one interface, since their limits are the same.

import type { WaitOptions } from "../../src/core/wait_options.ts";
import { Barrier } from "../../src/sync/barrier.ts";
import { BoundedSemaphore } from "../../src/sync/bounded_semaphore.ts";
import { Condition } from "../../src/sync/condition.ts";
import { Event } from "../../src/sync/event.ts";
import { Lock } from "../../src/sync/lock.ts";
import type { Permit } from "../../src/sync/permit.ts";
import { RLock } from "../../src/sync/rlock.ts";
import { RwLock } from "../../src/sync/rw_lock.ts";
import { type AcquireOptions, Semaphore } from "../../src/sync/semaphore.ts";

/** A primitive with a wait. */
export interface Stand {
  wait(options?: WaitOptions): Promise<unknown>;
  waitSync(options?: WaitOptions): unknown;
  /** Lets one wait proceed, or all waits that proceed together. To be called once. */
  go(): void;
  /** Whether nothing is held and no wait is pending after `go()`. */
  clean(): boolean;
  /** Restores a primitive that a failed wait has broken. */
  restart?(): void;
}

/** A kind of wait. */
export interface Wait {
  readonly name: string;
  /** Opens a primitive at which a wait does not end before `go()`. */
  open(): Promise<Stand>;
  /** Opens a primitive at which a wait ends at once. */
  openFree(): Promise<Stand>;
}

function wait(name: string, open: (free: boolean) => Stand | Promise<Stand>): Wait {
  return { name, open: async () => await open(false), openFree: async () => await open(true) };
}

/** Acquires and releases a lock; returns whether the lock was free. */
function isFree(tryAcquire: () => Permit | undefined): boolean {
  const permit = tryAcquire();
  permit?.release();
  return permit !== undefined;
}

/** Releases a permit. */
function drop(permit: Permit): void {
  permit.release();
}

export const WAITS: readonly Wait[] = [
  wait("Lock.acquire()", (free) => {
    const lock = new Lock();
    const holder = free ? undefined : lock.tryAcquire();
    return {
      wait: (options) => lock.acquire(options).then(drop),
      waitSync: (options) => drop(lock.acquireSync(options)),
      go: () => holder?.release(),
      clean: () => isFree(() => lock.tryAcquire()) && !lock.locked,
    };
  }),
  wait("RLock.acquire()", async (free) => {
    const lock = new RLock();
    let holder: Permit | undefined;
    // The holder is another context of the same thread.
    if (!free) await lock.run(() => void (holder = lock.tryAcquire()));
    return {
      wait: (options) => lock.acquire(options).then(drop),
      waitSync: (options) => drop(lock.acquireSync(options)),
      go: () => holder?.release(),
      clean: () => isFree(() => lock.tryAcquire()) && !lock.locked,
    };
  }),
  wait("Semaphore.acquire()", (free) => {
    const semaphore = new Semaphore(free ? 1 : 0);
    return {
      wait: (options) => semaphore.acquire(options).then(drop),
      waitSync: (options) => drop(semaphore.acquireSync(options)),
      go: () => semaphore.release(),
      clean: () => isFree(() => semaphore.tryAcquire()) && semaphore.available === 1,
    };
  }),
  wait("BoundedSemaphore.acquire()", (free) => {
    const semaphore = new BoundedSemaphore(3);
    const holder = free ? undefined : semaphore.tryAcquire();
    return {
      wait: (options) => semaphore.acquire(all(options)).then(drop),
      waitSync: (options) => drop(semaphore.acquireSync(all(options))),
      go: () => holder?.release(),
      clean: () => isFree(() => semaphore.tryAcquire(3)) && semaphore.available === 3,
    };
  }),
  wait("RwLock.acquireRead()", (free) => {
    const lock = new RwLock();
    const writer = free ? undefined : lock.tryAcquireWrite();
    return {
      wait: (options) => lock.acquireRead(options).then(drop),
      waitSync: (options) => drop(lock.acquireReadSync(options)),
      go: () => writer?.release(),
      clean: () => isFree(() => lock.tryAcquireWrite()) && lock.readers === 0,
    };
  }),
  wait("RwLock.acquireWrite()", (free) => {
    const lock = new RwLock();
    const reader = free ? undefined : lock.tryAcquireRead();
    return {
      wait: (options) => lock.acquireWrite(options).then(drop),
      waitSync: (options) => drop(lock.acquireWriteSync(options)),
      go: () => reader?.release(),
      clean: () => isFree(() => lock.tryAcquireRead()) && !lock.writing,
    };
  }),
  wait("Event.wait()", (free) => {
    const event = new Event();
    if (free) event.set();
    return {
      wait: (options) => event.wait(options),
      waitSync: (options) => event.waitSync(options),
      go: () => event.set(),
      clean: () => event.isSet,
    };
  }),
  wait("Barrier.wait()", (free) => {
    const barrier = new Barrier(free ? 1 : 2);
    return {
      wait: (options) => barrier.wait(options),
      waitSync: (options) => barrier.waitSync(options),
      go: () => void barrier.wait(),
      clean: () => !barrier.broken && barrier.waiting === 0,
      restart: () => barrier.reset(),
    };
  }),
];

/** The wait of a condition, which holds the lock before and after. There is no way to make the wait end at once. */
export const NOTIFIED: Wait = wait("Condition.wait()", () => {
  const condition = new Condition();
  return {
    wait: (options) => condition.run(() => condition.wait(options)),
    waitSync: (options) => holding(condition, () => condition.waitSync(options)),
    go: () => holding(condition, () => condition.notify()),
    clean: () => isFree(() => condition.tryAcquire()) && !condition.locked,
  };
});

/** Requests all three permits; returns invalid options unchanged. */
function all(options: WaitOptions = {}): AcquireOptions {
  return typeof options === "object" && options !== null ? { ...options, count: 3 } : options;
}

function holding(condition: Condition, fn: () => void): void {
  const permit = condition.acquireSync();
  try {
    fn();
  } finally {
    permit.release();
  }
}
