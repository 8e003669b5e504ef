/** Options of {@linkcode delay}. */
export interface DelayOptions {
  /** Ends the delay early: it rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Whether the pending delay keeps the program alive; true by default. */
  persistent?: boolean;
}

/** Resolves after the given milliseconds. */
export function delay(ms: number, options: DelayOptions = {}): Promise<void> {
  const { signal, persistent = true } = options;
  if (signal?.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const timer: unknown = setTimeout(finish, ms);
    signal?.addEventListener("abort", abort, { once: true });
    if (!persistent) unref(timer);

    function finish(): void {
      signal?.removeEventListener("abort", abort);
      resolve();
    }
    function abort(): void {
      clearTimeout(timer as number);
      reject(signal!.reason);
    }
  });
}

/** Timers are numbers on Deno and objects with `unref()` elsewhere. */
function unref(timer: unknown): void {
  const host = globalThis as { Deno?: { unrefTimer(id: number): void } };
  if (typeof timer === "number") host.Deno?.unrefTimer(timer);
  else (timer as { unref(): void }).unref();
}
