/**
 * A pair of connected ends.
 *
 * @module
 */

import { show } from "../core/check.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import { type Connection, makePipe } from "./connection.ts";

/** How to make a pipe. */
export interface PipeOptions {
  /** Whether both ends send and receive; otherwise the first one receives and the second one sends. */
  duplex?: boolean | undefined;
}

const OPTIONS: OptionNames<PipeOptions> = optionNames<PipeOptions>({ duplex: true });

/**
 * Makes a pipe: two ends, of which each receives what is sent at the other.
 *
 * @typeParam A what is sent at the first end.
 * @typeParam B what is sent at the second end.
 * @returns both ends; without `duplex` the first one only receives, and the second one only sends.
 * @throws {TypeError} if an option is not valid.
 *
 * @example A task at the other end
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inline } from "@heddle/heddle/task";
 * import { type Connection, pipe } from "@heddle/heddle/process";
 * import { Thread } from "@heddle/heddle/thread";
 *
 * const greet = inline(async (end: Connection<string>) => {
 *   for await (const name of end) await end.send(`Hello, ${name}`);
 * });
 * const [here, there] = pipe<string>();
 * const thread = new Thread(greet, [there]).start();
 * await here.send("world");
 * assertEquals(await here.recv(), "Hello, world");
 * here.close();
 * await thread.join();
 * ```
 */
export function pipe<A = unknown, B = A>(options: PipeOptions = {}): [Connection<A, B>, Connection<B, A>] {
  const { duplex = true } = checkOptions("Cannot make a pipe as 'options'", options, OPTIONS);
  if (typeof duplex !== "boolean") {
    throw new TypeError(`Cannot make a pipe as 'duplex' must be a boolean: current value is ${show(duplex)}`);
  }
  return makePipe<A, B>(duplex);
}
