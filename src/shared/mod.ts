/**
 * Memory that several threads see: blocks of bytes, numbers and rows of numbers, with atomic operations and locks.
 *
 * @module
 */

export { SharedArray } from "./shared_array.ts";
export { SharedMemory, type SharedMemoryOptions } from "./shared_memory.ts";
export type { SharedItem, SharedType, SharedView, SharedViews } from "./types.ts";
export { SharedValue } from "./shared_value.ts";
