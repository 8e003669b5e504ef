// Polls for conditions that send no notification.

import { AssertionError } from "@std/assert";
import { delay } from "@std/async";
import type { Future } from "../../mod.ts";
import { POLL_LIMIT, POLL_STEP } from "./timing.ts";

/** Waits until a condition holds, and fails after a time limit. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limit: number = POLL_LIMIT,
): Promise<void> {
  const end = performance.now() + limit;
  while (!await condition()) {
    if (performance.now() > end) throw new AssertionError(`Waited ${limit} ms in vain until ${what}`);
    await delay(POLL_STEP);
  }
}

/** Waits until tasks that report their start have started. Call it in the turn in which they are submitted. */
export async function untilStarted(...futures: Future<unknown>[]): Promise<void> {
  const starts = futures.map((future) =>
    new Promise<void>((resolve) => {
      future.onProgress(() => resolve());
      future.addDoneCallback(() => resolve());
    })
  );
  await within("the start of tasks", Promise.all(starts));
}

/** Waits for a promise, and fails after a time limit. */
export async function within<T>(what: string, promise: PromiseLike<T>, limit: number = POLL_LIMIT): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AssertionError(`Waited ${limit} ms in vain for ${what}`)), limit);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
