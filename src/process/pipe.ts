/**
 * Creates pipes.
 *
 * @module
 */

import { show } from "../core/check.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import { type Connection, makePipe } from "./connection.ts";

/** Options of a pipe. */
export interface PipeOptions {
  /** Whether both ends send and receive; true by default. Otherwise the first end receives and the second end sends. */
  duplex?: boolean | undefined;
}

const OPTIONS: OptionNames<PipeOptions> = optionNames<PipeOptions>({ duplex: true });

/**
 * Creates a pipe: two ends, each of which receives what is sent at the other.
 *
 * @typeParam A the type of the values sent at the first end.
 * @typeParam B the type of the values sent at the second end.
 * @returns both ends. Without `duplex`, the first end only receives and the second end only sends.
 * @throws {TypeError} if an option is invalid.
 *
 * @example Talk to a thread
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
