/**
 * Selects the adapter for the runtime of this program.
 *
 * @module
 */

// First, so that an outdated runtime is reported before another import fails in it.
import { runtimeName } from "./requirements.ts";
import { bun } from "./bun.ts";
import { deno } from "./deno.ts";
import { node } from "./node.ts";
import type { Runtime } from "./types.ts";

export { StartError } from "./start_error.ts";

/** The adapter for the runtime of this program. */
export const runtime: Runtime = { deno, bun, node }[runtimeName];
