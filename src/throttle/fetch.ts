/**
 * Sends requests under a throttle.
 *
 * @module
 */

import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import type { BodyPermits } from "./body_permits.ts";
import type { Gate } from "./gate.ts";
import { TURN_NAMES, type TurnOptions } from "./options.ts";
import { pauseAfter } from "../futures/retry_plan.ts";
import { canSendTwice, wantsFetchRetry } from "./retry.ts";
import { requestedPause } from "./server_pause.ts";

/** The options of a request's permit. The signal of the request also ends the wait for the permit. */
export type FetchOptions = Omit<TurnOptions, "signal">;

const { signal: _, ...FETCH_NAMES } = TURN_NAMES;
const OPTIONS: OptionNames<FetchOptions> = optionNames<FetchOptions>(FETCH_NAMES);

/** The first argument of `fetch`. */
export type FetchInput = string | URL | Request;

/** Sends a request with a permit, which is held until the body of the response ends. */
export async function fetchUnder(
  gate: Gate,
  bodies: BodyPermits,
  input: FetchInput,
  init: RequestInit | undefined,
  options: FetchOptions | undefined,
): Promise<Response> {
  const request = typeof input === "object" && "url" in input ? input : undefined;
  const signal = (init?.signal === undefined ? request?.signal : init.signal) ?? undefined;
  const own = options === undefined ? undefined : checkOptions("Cannot fetch as 'options'", options, OPTIONS);
  const host = hostOf(request?.url ?? String(input));
  const turnOptions = { key: host, ...own, signal };
  const { maxPause } = gate.settings;
  const method = init?.method ?? request?.method ?? "GET";
  // A request with an invalid URL, or with a body that can be read only once, is not sent again.
  const retry = gate.settings.retry !== undefined && host !== "" && canSendTwice(init, request)
    ? gate.settings.retry
    : undefined;
  for (let attempt = 1;; attempt++) {
    const turn = await gate.call(gate.newTurn(turnOptions));
    const start = gate.now();
    let delay: number;
    try {
      signal?.throwIfAborted();
      const response = await fetch(input, init);
      turn.duration = gate.now() - start;
      if (response.status === 429 || response.status >= 500) turn.outcome = "failed";
      const requested = requestedPause(response);
      // Before the permit is released, so that the next caller of the key does not start.
      if (requested > 0) gate.pacing.pause(turn.key, Math.min(requested, maxPause));
      gate.settle(turn, undefined, response);
      if (retry === undefined || requested > maxPause || !wantsFetchRetry(retry, method, attempt, { response })) {
        if (!hasNoBody(method, response)) return bodies.hold(turn, response, signal);
        turn.release();
        return response;
      }
      response.body?.cancel().catch(() => {});
      delay = Math.max(requested, pauseAfter(attempt, retry));
    } catch (error) {
      turn.outcome = signal?.aborted ? "unknown" : "failed";
      if (!signal?.aborted) gate.settle(turn, error);
      if (retry === undefined || signal?.aborted || !wantsFetchRetry(retry, method, attempt, { error })) {
        turn.release();
        throw error;
      }
      delay = pauseAfter(attempt, retry);
    }
    const delayed = gate.delay(delay, signal);
    turn.release();
    await delayed;
  }
}

/** Whether the response has no body. Accessing `body` would slow down the methods that read all of it on some hosts. */
function hasNoBody(method: string, { status, headers }: Response): boolean {
  // `new Response` throws for a status outside this range.
  return status < 200 || status > 599 || status === 204 || status === 205 || status === 304 ||
    method.toUpperCase() === "HEAD" || headers.get("content-length") === "0";
}

/** The hosts of recently used origins: a lookup is faster than parsing the URL. */
const hosts = new Map<string, string>();
const MOST_HOSTS = 1_000;

function hostOf(url: string): string {
  const end = url.indexOf("/", url.indexOf("//") + 2);
  const origin = end === -1 ? url : url.slice(0, end);
  let host = hosts.get(origin);
  if (host !== undefined) return host;
  try {
    host = new URL(url).host;
  } catch {
    // `fetch` reports the invalid URL.
    return "";
  }
  if (!/^https?:\/\/[^?#\\]+$/.test(origin)) return host;
  if (hosts.size >= MOST_HOSTS) hosts.clear();
  hosts.set(origin, host);
  return host;
}
