/**
 * The same executor and the same semaphore on many machines, over an existing engine: BullMQ on Redis or Valkey.
 *
 * ```ts ignore
 * import * as bullmq from "bullmq"; // and ioredis: Heddle depends on neither
 * import { ClusterExecutor, ClusterHost, ClusterSemaphore } from "@heddle/heddle/cluster";
 *
 * // On every machine that works: a host runs the tasks it was given on an executor of its own.
 * const options = { engine: bullmq, connection: { url: "redis://localhost" }, queue: "images" };
 * const host = new ClusterHost({ ...options, tasks: [resize], executor: new ProcessPoolExecutor() }).start();
 * gracefulShutdown(host);
 *
 * // On every machine that submits: an executor like the others.
 * await using cluster = new ClusterExecutor(options);
 * const future = cluster.submit(resize, "a.png", 256); // result, cancel, abort, onProgress, thenSubmit, map, TaskGroup, pipeline
 * await cluster.with({ key: "a.png", priority: 5, delay: 1_000, retry: { maxAttempts: 5 } }).submit(resize, "a.png", 256);
 * await cluster.future(future.id); // from any program, also after a restart, for an hour (resultTtl)
 * await cluster.dead(); // tasks that have failed for good; retryDead(id) runs one again
 *
 * const semaphore = new ClusterSemaphore("printers", 5, options); // at most 5 holders on all machines
 * await semaphore.run((signal) => print(document, signal));
 * ```
 *
 * ## Delivery
 *
 * - **At least once.** If a machine dies, freezes, or loses the server for longer than the lease, its task goes to another host
 *   while the first may still run it. Make tasks safe to repeat: use `current().id`, which is the same at every run, as the key
 *   of each outside effect. Or choose `onHostLoss: "fail"`: the task then ends in a `WorkerLostError`.
 * - **The lease** (10 s) must be longer than the longest pause of a host's loop. Give hosts threads or processes: a loop that
 *   computes cannot renew leases.
 * - **Every future settles**: host lost, server restarted; server emptied (`BrokenExecutorError`); a task that no living host was
 *   given (`TypeError`, after a lease); no living host (after `hostTimeout`); server lost (after `disconnectTimeout`).
 * - **Retries survive the program.** `retryIf` is refused, and `shutdown()` waits for the last attempt. A task that has failed for
 *   good is kept for seven days. `shutdown({ wait: false })` leaves tasks to the hosts.
 *
 * ## Tasks
 *
 * - **Values and errors** travel as to processes, up to `maxPayloadBytes`: pass references to large data. Locks, queues, shared
 *   memory, pipes, transfers and inline tasks are bound to one machine, and are refused by name.
 * - **cancel()** of a waiting task returns true, and the server decides: the future ends in a `CancelledError` or, if a host was
 *   faster, in the task's own outcome. **abort()** rejects at once, and the request is repeated until the host answers.
 * - **A permit** whose lease is lost may be held by another caller: stop when its `signal` fires. The function given to `run()` of
 *   the semaphore, or of a `Throttle` over it, receives that signal.
 * - Boards and monitors for BullMQ show the tasks by name, with progress, attempts and the first line of each failure.
 *
 * ## Security
 *
 * The server's contents can make a host run only the tasks it was given, with arguments of the server's choice. A program that can
 * write to the server can forge results. Protect the server as you would the program.
 *
 * ## Limits
 *
 * - Use `ioredis`. BullMQ's PostgreSQL backend loses events, and only the slower polling makes up for them.
 * - The server must not evict keys (`maxmemory-policy noeviction`), and keeps tasks over a restart only with its append-only file.
 * - On Deno a program needs `--allow-net` for the server and `--allow-env`.
 * - A task costs about a millisecond near the server: `map` with `chunkSize` sends many small items together.
 * - Each executor receives all events of its queue, results included: give each application its own queue.
 * - An executor that has never reached its server keeps the program alive until it is shut down.
 *
 * @module
 */

export { ClusterExecutor, type ClusterStats, type ClusterView } from "./cluster_executor.ts";
export { ClusterHost, type ClusterHostOptions, type ClusterHostStats } from "./cluster_host.ts";
export { ClusterSemaphore } from "./cluster_semaphore.ts";
export type { ClusterFuture } from "./cluster_task.ts";
export type { DeadTask } from "./dead.ts";
export type {
  Engine,
  EngineBackend,
  EngineClient,
  EngineEvents,
  EngineJob,
  EngineObject,
  EngineQueue,
  EngineWorker,
} from "./engine.ts";
export type { ClusterPermit } from "./permit_lease.ts";
export type { HostInfo } from "./host_list.ts";
export type { ClusterExecutorOptions, ClusterOptions, ClusterSubmitOptions } from "./options.ts";
export {
  BrokenExecutorError,
  CancelledError,
  InvalidStateError,
  RejectedError,
  RemoteError,
  TimeoutError,
  WorkerLostError,
} from "../core/errors.ts";
