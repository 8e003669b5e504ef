/**
 * Locks, semaphores, events and barriers: one family for a loop, for threads and for processes.
 *
 * @module
 */

export { AbandonedError, BrokenBarrierError, DeadlockError, InvalidStateError, TimeoutError } from "../core/errors.ts";
export type { WaitOptions } from "../core/wait_options.ts";
export { Barrier, type BarrierOptions } from "./barrier.ts";
export { BoundedSemaphore } from "./bounded_semaphore.ts";
export { Condition } from "./condition.ts";
export { setDeadlockDetection } from "./deadlock.ts";
export { Event } from "./event.ts";
export { Lock } from "./lock.ts";
export type { Permit } from "./permit.ts";
export { RLock } from "./rlock.ts";
export { RwLock } from "./rw_lock.ts";
export { type AcquireOptions, Semaphore } from "./semaphore.ts";
