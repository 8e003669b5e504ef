/**
 * Requests under a throttle.
 *
 * @module
 */

import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import type { BodyPermits } from "./body_permits.ts";
import type { Gate } from "./gate.ts";
import { TURN_NAMES, type TurnOptions } from "./options.ts";
import { pauseAfter } from "../futures/retry_plan.ts";
import { canSendTwice, wantsFetchRetry } from "./retry.ts";
import { pauseAskedBy } from "./server_pause.ts";

/** How a request waits for its permit. Its own signal ends the wait too. */
export type FetchOptions = Omit<TurnOptions, "signal">;

const { signal: _, ...FETCH_NAMES } = TURN_NAMES;
const OPTIONS: OptionNames<FetchOptions> = optionNames<FetchOptions>(FETCH_NAMES);

/** What `fetch` takes. */
export type FetchInput = string | URL | Request;

/** Fetches with a permit, which is held until the body is over. */
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
  // What is no address, or has a body that is used up, is sent once.
  const retry = gate.settings.retry !== undefined && host !== "" && canSendTwice(init, request)
    ? gate.settings.retry
    : undefined;
  for (let attempt = 1;; attempt++) {
    const turn = await gate.call(gate.ask(turnOptions));
    const start = gate.now();
    let delay: number;
    try {
      signal?.throwIfAborted();
      const response = await fetch(input, init);
      turn.duration = gate.now() - start;
      if (response.status === 429 || response.status >= 500) turn.outcome = "failed";
      const asked = pauseAskedBy(response);
      // Before the permit comes back: the next caller of the key must not start.
      if (asked > 0) gate.pacing.pause(turn.key, Math.min(asked, maxPause));
      gate.settle(turn, undefined, response);
      if (retry === undefined || asked > maxPause || !wantsFetchRetry(retry, method, attempt, { response })) {
        if (!hasNoBody(method, response)) return bodies.hold(turn, response, signal);
        turn.release();
        return response;
      }
      response.body?.cancel().catch(() => {});
      delay = Math.max(asked, pauseAfter(attempt, retry));
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

/** Whether there is nothing to read. To look at the body would make some hosts slow to read it. */
function hasNoBody(method: string, { status, headers }: Response): boolean {
  // `new Response` refuses a status that no server may send.
  return status < 200 || status > 599 || status === 204 || status === 205 || status === 304 ||
    method.toUpperCase() === "HEAD" || headers.get("content-length") === "0";
}

/** The hosts of the origins that were asked for last: to parse a URL takes longer than to find it again. */
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
    // `fetch` says what is wrong with it.
    return "";
  }
  if (!/^https?:\/\/[^?#\\]+$/.test(origin)) return host;
  if (hosts.size >= MOST_HOSTS) hosts.clear();
  hosts.set(origin, host);
  return host;
}
