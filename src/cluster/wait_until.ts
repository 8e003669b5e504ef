/**
 * Waiting for the server.
 *
 * @module
 */

import { BrokenExecutorError } from "../core/errors.ts";
import { checkWait, type WaitOptions } from "../core/wait_options.ts";
import { placeOf } from "./connection.ts";
import type { ClusterSettings } from "./options.ts";

/** The time limit of the first connection, in milliseconds. */
const READY = 5_000;

/**
 * Waits until a connection is open.
 *
 * @throws {BrokenExecutorError} naming host and port if that takes longer than the limit.
 * @throws the signal's reason if it is aborted.
 */
export async function waitUntil(settings: ClusterSettings, opened: Promise<void>, options: WaitOptions): Promise<void> {
  const { timeout, signal } = checkWait("Cannot wait for the server", options);
  const limit = timeout === Infinity ? READY : timeout;
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const abort = () => end(() => reject(signal!.reason));
    const stop = settings.clock.startTimer(limit, () => {
      end(() => reject(new BrokenExecutorError(`Cannot reach the server ${placeOf(settings)} in ${limit} ms`)));
    });
    const end = (finish: () => void) => {
      stop();
      signal?.removeEventListener("abort", abort);
      finish();
    };
    signal?.addEventListener("abort", abort, { once: true });
    opened.then(() => end(resolve), (error) => end(() => reject(error)));
  });
}
