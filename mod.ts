/**
 * Threads and processes for Deno, Bun and Node: pools, futures, locks, queues, shared memory and a throttle.
 *
 * A task is a typed function that runs in place, on a thread or in a process. This entry point exports all others except
 * `./cluster`.
 *
 * @module
 */

export * from "./src/task/mod.ts";
export * from "./src/time/mod.ts";
export * from "./src/sync/mod.ts";
export * from "./src/queue/mod.ts";
export * from "./src/shared/mod.ts";
export * from "./src/throttle/mod.ts";
export * from "./src/futures/mod.ts";
export * from "./src/pool/mod.ts";
export * from "./src/thread/mod.ts";
export * from "./src/process/mod.ts";
