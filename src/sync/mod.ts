/**
 * Locks, semaphores, events and barriers: one family for a loop, for threads and for processes.
 *
 * `Lock`, `RLock`, `Condition`, `Semaphore`, `BoundedSemaphore`, `Event`, `Barrier` and `RwLock` in `./sync` are one family for
 * one loop, for threads and for processes. Pass one to a task as an argument, and it is the same lock on the other side.
 *
 * ```ts ignore
 * // tasks.ts
 * import type { Semaphore } from "@heddle/heddle/sync";
 * import { task } from "@heddle/heddle/task";
 *
 * export const visit = task(import.meta, async function visit(semaphore: Semaphore, url: string): Promise<number> {
 *   return await semaphore.run(async () => (await fetch(url)).status);
 * });
 * ```
 *
 * ```ts ignore
 * // main.ts
 * import { Semaphore, ThreadPoolExecutor } from "@heddle/heddle";
 * import { visit } from "./tasks.ts";
 *
 * const pool = new ThreadPoolExecutor();
 * const connections = new Semaphore(5); // for all threads together
 * const urls = ["https://example.org/a", "https://example.org/b"];
 * console.log(await pool.starmap(visit, urls.map((url) => [connections, url] as [Semaphore, string])));
 * ```
 *
 * - `acquire()` returns a permit: `using permit = await lock.acquire()`, or `permit.release()`, or `lock.run(fn)`. Every wait
 *   takes `{ timeout, signal }` and leaves nothing behind when it ends early. `tryAcquire()` never waits; `acquireSync()` blocks
 *   the thread.
 * - In one loop waiting is first come, first served. Between threads a thread that is awake may be served first, for some milliseconds.
 * - If a thread dies while it holds a lock, all waiters get an `AbandonedError`, and the lock is free. Its permits of a semaphore
 *   come back; a barrier breaks. The same holds for processes.
 * - In a process only the forms that wait asynchronously work: the process that made the lock serves it. Forms that
 *   must answer at once throw `InvalidStateError`. A lock made in a worker process stays there.
 * - With `setDeadlockDetection(true)` a wait that would close a cycle of threads rejects with a `DeadlockError` that names them.
 *   It covers `Lock` and `RLock`, and assumes that a thread does one thing at a time; it does not cover asynchronous waits of
 *   the main thread.
 * - A barrier with an `action` cannot be passed on, as functions do not travel: let the party that gets 0 from `wait()` act.
 * - The permits of dead threads come back for up to 64 threads that hold permits of one semaphore, or read under one `RwLock`,
 *   at the same time; the limit is 128 at a barrier. Up to 256 threads can wait for one condition.
 * - On V8 a promise of an object takes some 20 ns more than a promise of a string. A lock whose `acquire()` returns a permit
 *   therefore takes about a quarter more time than a lock without permits.
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
