/**
 * Passes the output of workers to a function of the program.
 *
 * @module
 */

import { runtime } from "../../runtime/mod.ts";
import type { OutputTaker, PoolOptions } from "../options.ts";

/**
 * Returns the function that takes the output of a worker; undefined if the output goes to the program's own streams.
 */
export function takerOf(
  output: PoolOptions["output"],
  workerId: number,
): ((descriptor: number, bytes: Uint8Array) => void) | undefined {
  if (typeof output !== "function") return undefined;
  return (descriptor, bytes) => take(output, bytes, workerId, descriptor === 1 ? "stdout" : "stderr");
}

/** Calls the function. Its errors are reported as errors of the program, not of the worker. */
function take(output: OutputTaker, bytes: Uint8Array, workerId: number, stream: "stdout" | "stderr"): void {
  try {
    output(bytes, { workerId, stream });
  } catch (error) {
    runtime.printError(error);
  }
}
