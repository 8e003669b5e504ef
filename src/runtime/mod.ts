/**
 * Picks the adapter of the runtime this program runs on.
 *
 * @module
 */

import { bun } from "./bun.ts";
import { deno } from "./deno.ts";
import { node } from "./node.ts";
import type { Runtime } from "./types.ts";

export { StartError } from "./start_error.ts";

/** The runtime this program runs on. */
export const runtime: Runtime = "Deno" in globalThis ? deno : "Bun" in globalThis ? bun : node;
