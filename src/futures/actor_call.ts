/**
 * A call of an actor whose owner is another worker.
 *
 * @module
 */

import type { RemoteLink } from "../wire/handles.ts";
import { fulfil, Future, reject, whenDone } from "./future.ts";
import { markStopped, rejectAlone } from "./unobserved.ts";

/** Makes a call through a link. An abort rejects it at once, and is passed on to the owner. */
export function remoteCall(link: RemoteLink, args: unknown[], signal: AbortSignal | undefined): Future<unknown> {
  const controller = new AbortController();
  const abort = (reason: unknown) => {
    markStopped(future);
    reject(future, reason);
    controller.abort(reason);
  };
  // Only the owner knows whether the call has started.
  const future: Future<unknown> = new Future<unknown>({ running: false, cancel: () => false, abort });
  if (signal?.aborted) {
    abort(signal.reason);
    return future;
  }
  const heard = () => abort(signal!.reason);
  signal?.addEventListener("abort", heard, { once: true });
  whenDone(future, () => signal?.removeEventListener("abort", heard));
  link.call("call", args, { scope: 0, signal: controller.signal }).then(
    (value) => fulfil(future, value),
    (error) => {
      if (!future.done) rejectAlone(future, error);
    },
  );
  return future;
}
