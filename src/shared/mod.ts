/**
 * Memory that several threads see: blocks of bytes, numbers and rows of numbers, with atomic operations and locks. And
 * managers, whose objects live in one place and are used from threads and processes.
 *
 * @module
 */

export { InvalidStateError } from "../core/errors.ts";
export { ManagedList } from "./managed_list.ts";
export { ManagedMap } from "./managed_map.ts";
export { ManagedNamespace } from "./managed_namespace.ts";
export { Manager } from "./manager.ts";
export { SharedArray } from "./shared_array.ts";
export { SharedMemory, type SharedMemoryOptions } from "./shared_memory.ts";
export type { SharedItem, SharedType, SharedView, SharedViews } from "./types.ts";
export { SharedValue } from "./shared_value.ts";
