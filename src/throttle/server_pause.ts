/**
 * Reads the pause that a server asks its clients for.
 *
 * @module
 */

/** Above this value `X-RateLimit-Reset` is in seconds since 1970; up to it, in seconds from now. */
const EPOCH_SECONDS = 1e9;
/** The beginning of the three date formats of HTTP (RFC 9110, section 5.6.7). */
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;

/**
 * Returns the pause that a response asks for, in milliseconds; 0 if there is none, or its time is past or malformed.
 *
 * `Retry-After` applies to responses with status 429 and 503. Without it, a reset time applies if no requests remain.
 */
export function requestedPause({ status, headers }: Response): number {
  const after = status === 429 || status === 503 ? headers.get("retry-after") : null;
  const requested = after === null ? undefined : readSeconds(after) ?? readDate(after, headers);
  return Math.max(0, requested ?? readReset(status, headers) ?? 0);
}

function readReset(status: number, headers: Headers): number | undefined {
  const remaining = headers.get("ratelimit-remaining") ?? headers.get("x-ratelimit-remaining");
  // A response with status 429 implies that no requests remain.
  if (remaining === null ? status !== 429 : !/^\s*0+\s*$/.test(remaining)) return undefined;
  const reset = headers.get("ratelimit-reset");
  if (reset !== null) return readSeconds(reset);
  const oldReset = headers.get("x-ratelimit-reset");
  const wait = oldReset === null ? undefined : readSeconds(oldReset);
  return wait === undefined || wait <= EPOCH_SECONDS * 1_000 ? wait : wait - serverTime(headers);
}

function readSeconds(text: string): number | undefined {
  return /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) * 1_000 : undefined;
}

function readDate(text: string, headers: Headers): number | undefined {
  const date = parseDate(text);
  return date === undefined ? undefined : date - serverTime(headers);
}

/** The time on the server's clock, to which its dates refer even if the clock is wrong. */
function serverTime(headers: Headers): number {
  return parseDate(headers.get("date") ?? "") ?? Date.now();
}

/** Parses a date of HTTP. `Date.parse` alone is tempting, but V8 finds a date in nearly any text with a number. */
function parseDate(text: string): number | undefined {
  if (!HTTP_DATE.test(text)) return undefined;
  const date = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(date) ? undefined : date;
}
