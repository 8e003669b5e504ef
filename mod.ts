/**
 * Threads and processes for Deno, Bun and Node: one typed task, run where it suits.
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
