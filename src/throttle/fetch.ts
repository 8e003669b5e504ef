/**
 * Requests under a throttle.
 *
 * @module
 */

import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import type { Gate } from "./gate.ts";
import { holdBody } from "./held_response.ts";
import type { Holds } from "./holds.ts";
import { TURN_NAMES, type TurnOptions } from "./options.ts";

/** How a request waits for its permit. Its own signal ends the wait too. */
export type FetchOptions = Omit<TurnOptions, "signal">;

const { signal: _, ...FETCH_NAMES } = TURN_NAMES;
const OPTIONS: OptionNames<FetchOptions> = optionNames<FetchOptions>(FETCH_NAMES);

/** What `fetch` takes. */
export type FetchInput = string | URL | Request;

/** Fetches with a permit, which is held until the body is over. */
export async function fetchUnder(
  gate: Gate,
  holds: Holds,
  input: FetchInput,
  init: RequestInit | undefined,
  options: FetchOptions | undefined,
): Promise<Response> {
  const request = typeof input === "object" && "url" in input ? input : undefined;
  const signal = (init?.signal === undefined ? request?.signal : init.signal) ?? undefined;
  const own = options === undefined ? undefined : checkOptions("Cannot fetch as 'options'", options, OPTIONS);
  const turn = await gate.take({ key: hostOf(request?.url ?? String(input)), ...own, signal });
  const start = gate.now();
  try {
    signal?.throwIfAborted();
    const response = await fetch(input, init);
    turn.duration = gate.now() - start;
    if (response.status === 429 || response.status >= 500) turn.outcome = "failed";
    if (!hasNoBody(init?.method ?? request?.method, response)) return holdBody(response, holds, turn, signal);
    turn.release();
    return response;
  } catch (error) {
    turn.outcome = signal?.aborted ? "unknown" : "failed";
    turn.release();
    throw error;
  }
}

/** Whether there is nothing to read, so that nobody will. Looking at the body would make some hosts slow to read it. */
function hasNoBody(method: string | undefined, { status, headers }: Response): boolean {
  // What `new Response` refuses is an answer of no server.
  return status < 200 || status > 599 || status === 204 || status === 205 || status === 304 ||
    method?.toUpperCase() === "HEAD" || headers.get("content-length") === "0";
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    // `fetch` knows better what is wrong with it.
    return "";
  }
}
