/**
 * Limits for connections and other calls: how many at once, per key and per interval; pauses, retries and circuit breakers.
 *
 * A `Throttle` in `./throttle` limits connections, or any other calls: how many at once, how many for each host, and how many per
 * interval. It heeds what servers answer, sends requests again, and stops calling what fails.
 *
 * ```ts ignore
 * import { Throttle } from "@heddle/heddle";
 *
 * const throttle = new Throttle({
 *   limit: 10,
 *   perKey: { limit: 2, rate: { limit: 1, interval: 1_000 } }, // ten in total, two and one a second for each host
 *   retry: { maxAttempts: 3 },
 *   breaker: { failureRate: 0.5, window: 10_000, minCalls: 10, cooldown: 5_000 },
 * });
 * async function load(url: string) {
 *   const response = await throttle.fetch(url); // waits for its host; redirects stay under the same permit
 *   return await response.text(); // gives the permit back
 * }
 *
 * const busy = new Throttle({ limit: 100, queueLimit: 200, timeout: 5_000 });
 * Deno.serve(busy.handler((request) => new Response("hello"))); // then 503 with Retry-After; or Bun.serve({ fetch: ... })
 * ```
 *
 * - `acquire({ key, priority, weight, timeout, signal })` gives a permit, `run(fn)` and `wrap(fn)` hold one for a call, `fetch` until the
 *   body is read, cancelled or collected, `connect({ hostname, port, tls })` until the connection is closed, `handler` and
 *   `nodeHandler` until the response is sent.
 * - Higher priorities go first; then the key with the fewest permits in use. A host with a thousand waiting requests does not delay the
 *   first request to another one, and a slow host holds no more than its share.
 * - No window of a rate's `interval` ever sees more than `limit` starts, wherever it begins; with `burst` only the average rate is
 *   kept. A caller that stops waiting uses nothing up. `perKey: { limit, rate }` holds for each key beside the total. A caller that
 *   waits for its key's rate or pause delays no caller of another key. Keys that are not in use are forgotten when their windows are
 *   over; `stats()` remembers the last 1,000.
 * - A response with status 429 or 503 and `Retry-After` pauses its key, and so does `RateLimit-Reset` or `X-RateLimit-Reset` where
 *   nothing remains, for up to `maxPause` (60,000). `pause(key, duration)` and `resume(key)` do it by hand. Running calls go on.
 * - `retry` sends requests of `fetch` again: idempotent methods, after network errors and status 408, 425, 429, 500, 502, 503 and 504,
 *   never before `Retry-After`, with no permit held during the delay. POST needs `retryIf`, and a body that is a stream is sent once.
 * - `breaker` rejects calls of a key with a `RejectedError` while they fail; its `retryAfter` says when to try again. Half-open, it admits
 *   `probes` calls at a time. It applies to `run`, `wrap`, `fetch` and `connect`, and dispatches `open`, `halfopen` and `close`.
 *   A window is forgotten in twentieths.
 * - `idle()` waits until no call is active or waiting, and `clear()` rejects the waiting callers.
 * - `fetch` takes some microseconds longer for a request than under a plain limit. On Deno and Bun it also tracks a body that a server
 *   passes on without reading; on Node, which has no such server, only a body that is read as a stream.
 * - Callers beyond `queueLimit` get a `RejectedError`, unless `overflow: "wait"` lets them wait; handlers answer 503 in either case.
 *   `close()` lets running work finish and rejects the waiting callers.
 * - `limit` can be set at any time. `limit: "auto"` adjusts it: one more while calls succeed, a fifth less when they fail or take
 *   twice as long. Start with a low limit: a service that is already overloaded is mistaken for a slow one.
 * - `new Throttle({ semaphore })` over a `Semaphore` that is passed to threads or processes limits all of them together.
 * - Read what you fetch, or `response.body?.cancel()`: a response that is dropped holds its permit until it is collected, and counts in
 *   `stats().unread` after ten seconds. Code that runs under a throttle and waits for the same throttle may wait for ever.
 * - When a request has to wait, Deno prints a warning about `request.signal` once; `--unstable-no-legacy-abort` turns it off. On Bun a
 *   response of another `fetch` that is passed on counts as sent at once; one of `throttle.fetch` does not.
 *
 * @module
 */

export {
  CancelledError,
  InvalidStateError,
  RejectedError,
  type RejectedErrorOptions,
  TimeoutError,
} from "../core/errors.ts";
export type { Summary } from "../core/histogram.ts";
export type { WaitOptions } from "../core/wait_options.ts";
export type { Permit } from "../sync/permit.ts";
export type { AdaptiveBounds } from "./adaptive_limit.ts";
export type { BreakerOptions, BreakerState } from "./breaker.ts";
export { BreakerEvent } from "./breaker_event.ts";
export type { Connected, ConnectOptions } from "./connect.ts";
export type { FetchInput, FetchOptions } from "./fetch.ts";
export type { HandlerOptions, RequestHandler } from "./handler.ts";
export type { NodeResponse } from "./node_handler.ts";
export type { PerKeyOptions, PermitSource, ThrottleOptions, TurnOptions } from "./options.ts";
export type { RateOptions } from "./rate.ts";
export type { FetchRetryOptions } from "./retry.ts";
export type { KeyStats, ThrottleCounts, ThrottleStats } from "./stats.ts";
export { Throttle } from "./throttle.ts";
