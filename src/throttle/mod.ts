/**
 * Connections, and any other work, kept in bounds: per key and in all, at once and in a time.
 *
 * A `Throttle` in `./throttle` keeps connections in bounds, or any other work: so many at once, so many for each host, so many in a
 * time.
 *
 * ```ts ignore
 * import { Throttle } from "@heddle/heddle";
 *
 * const throttle = new Throttle({ limit: 10, perKey: 2, rate: { limit: 50, interval: 1_000 } });
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
 * - Higher priorities go first; then the key that has least in use, so that a host with a thousand waiting does not delay the first
 *   request to another, and a slow one keeps no more than its share.
 * - No window of `rate.interval` ever sees more than `rate.limit` starts, wherever it begins; with `burst` the rate is kept on the average
 *   only. Who leaves the line uses nothing up.
 * - `fetch` takes 6 to 20 us longer for a request than under a plain limit, as the body is watched inside the response too, where a
 *   server looks that passes it on.
 * - `queueLimit` turns callers away with a `RejectedError`, unless `overflow: "wait"` lets them wait all the same; handlers answer 503 in
 *   either case. `close()` lets work finish and turns away the rest.
 * - `limit` can be set while work goes on. `limit: "auto"` finds it: one more while calls go well, a fifth less when they fail or take
 *   twice as long. Let it begin low: what is overloaded from the start it takes for slow.
 * - `new Throttle({ semaphore })` over a `Semaphore` that is passed to threads or processes caps all of them together.
 * - Read what you fetch, or `response.body?.cancel()`: a response that is forgotten keeps its permit until it is collected, and counts in
 *   `stats().unread` after ten seconds. Work that waits for the throttle it runs under may wait for ever.
 * - When a request has to wait, Deno prints a warning about `request.signal` once; `--unstable-no-legacy-abort` turns it off. On Bun a
 *   response of another `fetch` that is passed on counts as sent at once; one of `throttle.fetch` does not.
 *
 * @module
 */

export { InvalidStateError, RejectedError, TimeoutError } from "../core/errors.ts";
export type { Summary } from "../core/histogram.ts";
export type { WaitOptions } from "../core/wait_options.ts";
export type { Permit } from "../sync/permit.ts";
export type { AdaptiveBounds } from "./adaptive_limit.ts";
export type { Connected, ConnectOptions } from "./connect.ts";
export type { FetchInput, FetchOptions } from "./fetch.ts";
export type { HandlerOptions, RequestHandler } from "./handler.ts";
export type { NodeResponse } from "./node_handler.ts";
export type { PermitSource, ThrottleOptions, TurnOptions } from "./options.ts";
export type { RateOptions } from "./rate.ts";
export type { KeyStats, ThrottleStats } from "./stats.ts";
export { Throttle } from "./throttle.ts";
