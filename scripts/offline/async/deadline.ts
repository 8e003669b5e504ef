import { abortable } from "./abortable.ts";

/** Options of {@linkcode deadline}. */
export interface DeadlineOptions {
  /** Ends the wait early: it rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Makes a promise reject with a `TimeoutError` unless it settles within the given milliseconds. */
export async function deadline<T>(
  promise: Promise<T>,
  ms: number,
  options: DeadlineOptions = {},
): Promise<T> {
  const limit = new AbortController();
  const signals = [limit.signal, ...(options.signal ? [options.signal] : [])];
  const timer = setTimeout(() => limit.abort(new DOMException("Signal timed out.", "TimeoutError")), ms);
  try {
    return await abortable(promise, AbortSignal.any(signals));
  } finally {
    clearTimeout(timer);
  }
}
