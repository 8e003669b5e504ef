/**
 * Runs a chunk: several calls of a task that travel in one message.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import { now } from "../time/system_clock.ts";
import type { Packet } from "../wire/out_of_band.ts";
import type { ValueEncoder } from "../wire/encoder.ts";
import type { Call } from "./call.ts";
import { isThenable } from "./contexts.ts";

/**
 * The time, in milliseconds, after which items that never wait yield to the event loop, so that signals and timers
 * fire.
 */
export const TURN = 10;

/** The outcome of a chunk: the results up to the first failure, and that failure. */
export interface ChunkOutcome {
  readonly results: readonly Packet[];
  readonly failure: Packet | undefined;
}

/**
 * Runs the items of a chunk one after another, until one fails or the chunk is aborted.
 *
 * @param run calls the function of the task with the arguments of an item.
 * @param encodeResult encodes the return value.
 */
export async function runChunk(
  call: Call,
  run: (args: unknown[]) => unknown,
  encodeResult: (result: unknown) => Packet,
  encoder: ValueEncoder,
): Promise<ChunkOutcome> {
  const results: Packet[] = [];
  let turnEnds = now() + TURN;
  for (const args of call.takeArgs() as unknown[][]) {
    try {
      if (now() > turnEnds) {
        await new Promise<void>((resolve) => runtime.defer(resolve));
        turnEnds = now() + TURN;
      }
      call.throwIfAborted();
      let result = run(args);
      if (isThenable(result)) {
        call.syncTime = now() - call.startedAt;
        result = await result;
      }
      results.push(encodeResult(result));
    } catch (error) {
      return { results, failure: encoder.encodeError(error) };
    }
  }
  return { results, failure: undefined };
}
