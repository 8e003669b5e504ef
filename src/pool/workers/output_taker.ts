/**
 * Output of workers that a function of the program takes.
 *
 * @module
 */

import { runtime } from "../../runtime/mod.ts";
import type { OutputTaker, PoolOptions } from "../options.ts";

/** Returns what takes the output of one worker; undefined if it is passed on to the program's own. */
export function takerOf(
  output: PoolOptions["output"],
  workerId: number,
): ((descriptor: number, bytes: Uint8Array) => void) | undefined {
  if (typeof output !== "function") return undefined;
  return (descriptor, bytes) => take(output, bytes, workerId, descriptor === 1 ? "stdout" : "stderr");
}

/** What the function throws is an error of the program, and not of the worker. */
function take(output: OutputTaker, bytes: Uint8Array, workerId: number, stream: "stdout" | "stderr"): void {
  try {
    output(bytes, { workerId, stream });
  } catch (error) {
    runtime.printError(error);
  }
}
