/**
 * How long a server asks its callers to wait.
 *
 * @module
 */

/** Above this `X-RateLimit-Reset` is seconds since 1970, below it seconds from now. */
const EPOCH_SECONDS = 1e9;
/** What the three forms of dates in HTTP begin with (RFC 9110, section 5.6.7). */
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;

/**
 * The pause that a response asks for, in milliseconds; 0 for none, and for a time that is over or makes no sense.
 *
 * `Retry-After` counts in responses with status 429 and 503. Without it a reset counts where nothing remains.
 */
export function pauseAskedBy({ status, headers }: Response): number {
  const after = status === 429 || status === 503 ? headers.get("retry-after") : null;
  const asked = after === null ? undefined : readSeconds(after) ?? readDate(after, headers);
  return Math.max(0, asked ?? readReset(status, headers) ?? 0);
}

function readReset(status: number, headers: Headers): number | undefined {
  const remaining = headers.get("ratelimit-remaining") ?? headers.get("x-ratelimit-remaining");
  // A server that rejects a request as one too many need not say that nothing remains.
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

/** The time on the server's clock, which may be wrong as the date it names is. */
function serverTime(headers: Headers): number {
  return parseDate(headers.get("date") ?? "") ?? Date.now();
}

/** `Date.parse` alone is tempting. But V8 finds a date in nearly any text with a number. */
function parseDate(text: string): number | undefined {
  if (!HTTP_DATE.test(text)) return undefined;
  const date = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(date) ? undefined : date;
}
