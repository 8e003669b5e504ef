// Crawls a web site whose pages fail at first: each is retried after a pause that doubles each time.
//
//   deno run -A scripts/examples/retry_crawl.ts [--pages 40] [--failures 2] [--attempts 4]        (or bun, or node)
//
// The pauses are partly random, so that tasks that failed together are not retried together.

import { TaskGroup, ThreadPoolExecutor } from "@heddle/heddle";
import { fetchPage } from "./page_tasks.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";
import { openSite } from "./support/site.ts";

type Numbers = Record<"pages" | "failures" | "attempts", number>;

async function runRetries({ pages, failures, attempts }: Numbers): Promise<void> {
  const site = await openSite({ pages, failures, delay: 1 });
  const pool = new ThreadPoolExecutor({ maxWorkers: 2, concurrency: 8 });
  // A missing page will still be missing later: only server errors are worth another attempt.
  const retryIf = (error: unknown): boolean => /answers 5\d\d$/.test((error as Error).message);
  const trying = pool.with({ retry: { maxAttempts: attempts, minDelay: 10, maxDelay: 1_000, jitter: 0.5, retryIf } });
  const byAttempt = new Map<number, number>();
  try {
    const group = new TaskGroup(trying);
    const visit = (url: string): void => {
      group.submit(fetchPage, url).addDoneCallback((future) => {
        if (future.exceptionNow() !== undefined) return;
        const { attempt, links } = future.resultNow();
        byAttempt.set(attempt, (byAttempt.get(attempt) ?? 0) + 1);
        links.forEach(visit);
      });
    };
    visit(`${site.url}0`);
    const error = await group.join().then(() => undefined, (error: Error & { errors?: Error[] }) => error);
    for (const [attempt, count] of byAttempt) console.log(`${count} pages succeeded in attempt ${attempt}`);
    if (error !== undefined) {
      const earlier = error.errors?.length ?? 0;
      throw new ExampleError(
        `Gave up: ${error.message.replace(site.url, "/")} (earlier attempts that failed: ${earlier})`,
      );
    }
    console.log(`${pages} pages took ${site.requests} requests.`);
  } finally {
    await pool.shutdown();
    await site.close();
  }
}

if (import.meta.main) await runWithNumbers({ pages: 40, failures: 2, attempts: 4 }, runRetries);
