/**
 * Limits the number of concurrent connections or other calls, in total, per key and per interval.
 *
 * A {@linkcode Throttle} limits connections or any other calls: how many run at once, how many of each key, and how
 * many start per interval. It honours `Retry-After`, retries failed requests, and has a circuit breaker for each key.
 *
 * ```ts ignore
 * import { Throttle } from "@heddle/heddle";
 *
 * const throttle = new Throttle({
 *   limit: 10,
 *   perKey: { limit: 2, rate: { limit: 1, interval: 1_000 } }, // ten in total; per host two, and one per second
 *   retry: { maxAttempts: 3 },
 *   breaker: { failureRate: 0.5, window: 10_000, minCalls: 10, cooldown: 5_000 },
 * });
 * async function load(url: string) {
 *   const response = await throttle.fetch(url); // waits for a permit of its host; redirects use the same permit
 *   return await response.text(); // releases the permit
 * }
 *
 * const busy = new Throttle({ limit: 100, queueLimit: 200, timeout: 5_000 });
 * Deno.serve(busy.handler((request) => new Response("hello"))); // 503 when the queue is full
 * ```
 *
 * - **Methods.** `acquire({ key, priority, weight, timeout, signal })` returns a permit. The other methods release
 *   their permit by themselves: `run(fn)` and `wrap(fn)` when the function settles, `fetch` when the body is read,
 *   cancelled or collected, `connect({ hostname, port, tls })` when the connection closes, `handler` and `nodeHandler`
 *   when the response is sent.
 * - **Order.** Higher priorities are served first; among equal ones the key with the fewest permits in use. A host with
 *   a thousand waiting requests does not delay the first request to another host, and a slow host holds no more than
 *   its share.
 * - **Rates.** No time window of length `interval` contains more than `limit` starts; with `burst` only the average
 *   rate is limited. A caller that stops waiting uses up nothing. `perKey: { limit, rate }` limits each key in addition
 *   to the total. A caller that waits for the rate or the pause of its key delays no caller of another key. An unused
 *   key is forgotten when its windows are over; `stats()` includes the 1,000 keys used last.
 * - **Pauses.** A response with status 429 or 503 and `Retry-After` pauses its key, and so does `RateLimit-Reset` or
 *   `X-RateLimit-Reset` when no requests remain, for up to `maxPause` (60,000 ms). `pause(key, duration)` and
 *   `resume(key)` pause and resume a key explicitly. Running calls continue.
 * - **Retries.** `retry` sends a failed request of `fetch` again: idempotent methods, after network errors and status
 *   408, 425, 429, 500, 502, 503 and 504. An attempt never starts before `Retry-After`, and no permit is held during
 *   the delay. POST requests are retried only with `retryIf`; a request whose body is a stream is sent once.
 * - **Breakers.** `breaker` rejects the calls of a failing key with a `RejectedError`, whose `retryAfter` is the time
 *   until the next attempt is allowed. A half-open breaker admits `probes` calls at a time. Breakers apply to `run`,
 *   `wrap`, `fetch` and `connect`. The throttle dispatches `open`, `halfopen` and `close`. Outcomes expire in steps of
 *   a twentieth of the window.
 * - `idle()` waits until no call is active or waiting. `clear()` rejects the waiting callers.
 * - `fetch` costs a few microseconds more per request than a plain limit. On Deno and Bun it also tracks a body that
 *   the program passes to a server unread; on Node, whose server takes no `Response`, only a body that is read as a
 *   stream is wrapped.
 * - Callers beyond `queueLimit` are rejected with a `RejectedError` unless `overflow` is `"wait"`; handlers answer 503
 *   in either case. `close()` lets running calls finish and rejects the waiting callers.
 * - `limit` can be set at any time. `limit: "auto"` adjusts the limit: it grows by one while calls succeed, and shrinks
 *   by a fifth when they fail or take twice as long. Start with a low limit: a service that is already overloaded is
 *   mistaken for a slow one.
 * - Throttles with the same `semaphore`, a `Semaphore` passed to several threads or processes, share one limit.
 * - Read each response, or call `response.body?.cancel()`: a response that is dropped holds its permit until it is
 *   collected, and is counted in `stats().unread` after ten seconds. Code that holds a permit and waits for another
 *   permit of the same throttle can deadlock.
 * - When a request has to wait in a handler, Deno prints a warning about `request.signal` once;
 *   `--unstable-no-legacy-abort` turns the warning off. On Bun, a handler's permit is released at once if the response
 *   comes from the global `fetch`; a response of `throttle.fetch` holds the permit until it is sent.
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
