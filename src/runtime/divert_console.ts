/**
 * Output of threads whose console bypasses `process.stdout`.
 *
 * @module
 */

import process from "node:process";
import { divertOutput } from "./print_at_once.ts";
import { PRINTING } from "./printed.ts";

/** Passes all that this thread prints to `taker`: through `process.stdout` and `process.stderr`, and the console. */
export function divertAll(taker: (descriptor: 1 | 2, bytes: Uint8Array) => void): void {
  divertOutput(taker);
  const { Console } = process.getBuiltinModule("node:console");
  const own = new Console({ stdout: process.stdout, stderr: process.stderr }) as unknown as Record<string, unknown>;
  const host = console as unknown as Record<string, unknown>;
  for (const name of PRINTING) {
    const print = own[name];
    if (typeof print === "function") host[name] = print.bind(own);
  }
}
