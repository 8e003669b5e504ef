import { delay } from "./delay.ts";

/** The error of {@linkcode retry} when every attempt failed; `cause` is the last error. */
export class RetryError extends Error {
  constructor(cause: unknown, attempts: number) {
    super(`Retrying exceeded the maxAttempts (${attempts}).`, { cause });
    this.name = "RetryError";
  }
}

/** Options of {@linkcode retry}. */
export interface RetryOptions {
  /** Factor by which the pause grows; 2 by default. */
  multiplier?: number;
  /** Longest pause in milliseconds; 60,000 by default. */
  maxTimeout?: number;
  /** The maximum number of attempts; 5 by default. */
  maxAttempts?: number;
  /** First pause in milliseconds; 1,000 by default. */
  minTimeout?: number;
  /** The random share of a pause, from 0 to 1; 1 by default. */
  jitter?: number;
  /** Ends the attempts and the pauses between them: the promise rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Calls the function until it succeeds, pausing longer each time. */
export async function retry<T>(fn: () => T | Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { multiplier = 2, maxTimeout = 60_000, maxAttempts = 5, minTimeout = 1_000, jitter = 1, signal } = options;
  for (let attempt = 0;; attempt++) {
    signal?.throwIfAborted();
    try {
      return await fn();
    } catch (error) {
      if (attempt + 1 >= maxAttempts) throw new RetryError(error, maxAttempts);
      const longest = Math.min(maxTimeout, minTimeout * multiplier ** attempt);
      const pause = (1 - jitter * Math.random()) * longest;
      await delay(pause, { signal });
    }
  }
}
