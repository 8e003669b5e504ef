/**
 * The same executor and the same semaphore on many machines, over an existing engine: BullMQ on Redis or Valkey.
 *
 * ```ts ignore
 * import * as bullmq from "bullmq"; // and ioredis: Heddle depends on neither
 * import { ClusterExecutor, ClusterHost, ClusterSemaphore } from "@heddle/heddle/cluster";
 *
 * // On every machine that works: a host gives the tasks it was told of to an executor of its own.
 * const options = { engine: bullmq, connection: { url: "redis://localhost" }, queue: "images" };
 * const host = new ClusterHost({ ...options, tasks: [resize], executor: new ProcessPoolExecutor() }).start();
 * gracefulShutdown(host);
 *
 * // On every machine that asks: an executor like the others.
 * await using cluster = new ClusterExecutor(options);
 * const future = cluster.submit(resize, "a.png", 256); // result, cancel, abort, onProgress, thenSubmit, map, TaskGroup, pipeline
 * await cluster.with({ key: "a.png", priority: 5, delay: 1_000, retry: { maxAttempts: 5 } }).submit(resize, "a.png", 256);
 * await cluster.future(future.id); // from any program, also after a restart, for an hour (resultTtl)
 * await cluster.dead(); // what has failed for good; retryDead(id) runs it again
 *
 * const semaphore = new ClusterSemaphore("printers", 5, options); // at most 5 holders on all machines
 * await semaphore.run((signal) => print(document, signal));
 * ```
 *
 * - **Delivery is at least once.** If a machine dies, freezes, or loses the server for longer than the lease, its task is given to
 *   another host, while the first may still run it. Make tasks safe to repeat: key each outside effect with `current().id`,
 *   which is the same at every run. Or choose `onHostLoss: "fail"`: the task then ends in a `WorkerLostError`.
 * - **The lease** (10 s) must be longer than the longest pause of a host's loop. Give hosts threads or processes: a loop that
 *   computes renews no lease.
 * - **Every future settles**: host lost, server restarted; server emptied (`BrokenExecutorError`); a task that no living host was
 *   given (`TypeError`, after a lease); no living host (`hostTimeout`); server gone (`disconnectTimeout`).
 * - **Values and errors** travel as to processes, up to `maxPayloadBytes`: pass references to large data. Locks, queues, shared
 *   memory, pipes, transfer and inline tasks are bound to this machine, and are refused by name.
 * - **Retries survive the program.** `retryIf` is refused, and `shutdown()` waits for the last attempt. A task that has failed for
 *   good is kept for seven days. `shutdown({ wait: false })` leaves tasks to the hosts.
 * - **cancel()** of a task that waits returns true, and the server decides: the future ends in a `CancelledError` or, if a host
 *   was faster, in the task's own outcome. **abort()** rejects at once, and hosts are told until they answer.
 * - **Security.** The server's contents can make a host run only the tasks it was given, with arguments of the server's choice.
 *   Whoever can write to the server can forge results. Protect it as you would the program.
 * - **A permit** whose lease is lost belongs to another caller: stop when its `signal` fires.
 * - Boards and monitors for BullMQ show the tasks by name, with progress, attempts and the first line of each failure.
 *
 * ## Limits
 *
 * - Use `ioredis`. BullMQ's PostgreSQL backend loses events, which only the slower look at each task makes up for.
 * - The server must not evict (`maxmemory-policy noeviction`), and survives restarts only with its append-only file on.
 * - On Deno a program needs `--allow-net` for the server and `--allow-env`.
 * - A task costs about a millisecond near the server: `map` with `chunkSize` sends many small items together.
 * - Events of a queue go to each of its executors, results included: give each application its own queue.
 * - An executor whose server cannot be reached at all keeps its program alive until it is shut down.
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
