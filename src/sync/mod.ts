/**
 * Locks, semaphores, events and barriers that work within one event loop, between threads and between processes.
 *
 * Pass a primitive to a task as an argument: the task receives the same lock, not a copy of it.
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
 * - **Permits.** `acquire()` returns a permit. Release the lock with `using permit = await lock.acquire()`, with
 *   `permit.release()`, or by `lock.run(fn)`, which acquires and releases around `fn`.
 * - **Waits.** Every wait takes `{ timeout, signal }`, and a wait that ends early leaves nothing behind. `tryAcquire()`
 *   never waits; `acquireSync()` blocks the thread.
 * - **Order.** Within one loop, waiters are served first come, first served. Between threads, an awake thread may
 *   overtake a sleeping one for a few milliseconds.
 * - **Dead holders.** If a thread dies while it holds a lock, all callers waiting at that moment get an
 *   `AbandonedError`, and the lock is free. Permits of a semaphore are released; a barrier breaks. The same holds for
 *   processes.
 * - **Processes.** The process that made the lock serves it to other processes, where waits must be asynchronous.
 *   Members that must answer immediately (`tryAcquire`, `acquireSync`, getters) throw `InvalidStateError` there. A lock
 *   made in a worker process cannot leave that process.
 * - **Resizing.** `semaphore.resize(value)` sets the number of permits, from any thread or process. A lower value takes
 *   effect as permits are released.
 * - **Keys.** `KeyedLock` and `KeyedSemaphore` lock by key: `lock.run("a.txt", fn)`. Different keys never wait for each
 *   other, and a key that is not in use is forgotten. `keys()` lists holders and waiters. Once the object is shared
 *   with threads, its keys lie in 32 MB of reserved memory, of which only the used part is committed: enough for about
 *   150,000 keys in use at once. Beyond that, `acquire` rejects with a `RangeError`. `SingleFlight` shares the result
 *   of one call between all callers of a key, within one loop.
 * - **Deadlocks.** After `setDeadlockDetection(true)`, a wait that would close a cycle of threads rejects with a
 *   `DeadlockError` that names them. Detection covers `Lock`, `RLock` and `KeyedLock`, whose keys it names, and assumes
 *   that a thread does one thing at a time. It does not cover asynchronous waits of the main thread.
 * - **Barriers.** A barrier with an `action` cannot be passed to another worker, because functions cannot travel. Let
 *   the party that gets 0 from `wait()` run the action instead.
 * - **Limits.** A semaphore and an `RwLock` recover the permits of dead threads for up to 64 threads that hold permits
 *   at the same time. A barrier recovers up to 128 waiting threads. Up to 256 threads can wait for one condition.
 * - **Cost.** On V8, a promise of an object takes about 20 ns more than a promise of a string. `acquire()`, which
 *   returns a permit, therefore takes about a quarter more time than that of a lock without permits.
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
export { KeyedLock } from "./keyed_lock.ts";
export type { KeyState } from "./keyed_permits.ts";
export { KeyedSemaphore } from "./keyed_semaphore.ts";
export { Lock } from "./lock.ts";
export type { Permit } from "./permit.ts";
export { RLock } from "./rlock.ts";
export { RwLock } from "./rw_lock.ts";
export { type AcquireOptions, Semaphore } from "./semaphore.ts";
export { SingleFlight } from "./single_flight.ts";
