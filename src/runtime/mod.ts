/**
 * Picks the adapter of the runtime this program runs on.
 *
 * @module
 */

// First, so that a runtime that is too old is named before anything else fails there.
import { runtimeName } from "./requirements.ts";
import { bun } from "./bun.ts";
import { deno } from "./deno.ts";
import { node } from "./node.ts";
import type { Runtime } from "./types.ts";

export { StartError } from "./start_error.ts";

/** The runtime this program runs on. */
export const runtime: Runtime = { deno, bun, node }[runtimeName];
