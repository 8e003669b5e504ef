// Every wait there is, behind one interface: limits are the same for all of them.

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

/** A primitive at which one has to wait. */
export interface Stand {
  wait(options?: WaitOptions): Promise<unknown>;
  waitSync(options?: WaitOptions): unknown;
  /** Lets one go on who waits, or all where all go together; to be called once. */
  go(): void;
  /** Whether nothing is taken and nobody is missed, after that. */
  clean(): boolean;
  /** Starts over, where a wait that has failed breaks it. */
  restart?(): void;
}

/** A kind of wait. */
export interface Wait {
  readonly name: string;
  /** Makes one at which there is nothing to get yet. */
  open(): Promise<Stand>;
  /** Makes one at which a wait ends at once. */
  openFree(): Promise<Stand>;
}

function wait(name: string, open: (free: boolean) => Stand | Promise<Stand>): Wait {
  return { name, open: async () => await open(false), openFree: async () => await open(true) };
}

/** Takes a lock and gives it back: whether it was free. */
function isFree(tryAcquire: () => Permit | undefined): boolean {
  const permit = tryAcquire();
  permit?.release();
  return permit !== undefined;
}

/** Gives back what a wait has taken. */
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
    // Another context of the same thread holds it.
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

/** The wait of a condition, which holds the lock before and after; what is there already is for nobody. */
export const NOTIFIED: Wait = wait("Condition.wait()", () => {
  const condition = new Condition();
  return {
    wait: (options) => condition.run(() => condition.wait(options)),
    waitSync: (options) => holding(condition, () => condition.waitSync(options)),
    go: () => holding(condition, () => condition.notify()),
    clean: () => isFree(() => condition.tryAcquire()) && !condition.locked,
  };
});

/** All three permits; what is no object stays what it is. */
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
