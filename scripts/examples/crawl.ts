// Crawls a web site on threads: each page is a task and may lead to more tasks.
//
//   deno run -A scripts/examples/crawl.ts [--pages 200] [--workers 2]        (or bun, or node)
//
// The example serves the site itself, on this machine. A group holds all tasks; it ends when no page is left.

import { TaskGroup, ThreadPoolExecutor } from "@heddle/heddle";
import { fetchPage } from "./page_tasks.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError, inSeconds } from "./support/run_example.ts";
import { openSite } from "./support/site.ts";

async function runCrawl({ pages, workers }: { pages: number; workers: number }): Promise<void> {
  const site = await openSite({ pages });
  // A fetch mostly waits, so each thread runs several at once.
  const pool = new ThreadPoolExecutor({ maxWorkers: workers, concurrency: 8 });
  const begin = performance.now();
  try {
    const group = new TaskGroup(pool);
    const seen = new Set<string>();
    const visit = (url: string): void => {
      if (seen.has(url)) return;
      seen.add(url);
      group.submit(fetchPage, url).addDoneCallback((future) => {
        if (future.exceptionNow() === undefined) future.resultNow().links.forEach(visit);
      });
    };
    visit(`${site.url}0`);
    await group.join();
    const time = inSeconds(performance.now() - begin);
    console.log(`${seen.size} pages on ${workers} ${workers === 1 ? "thread" : "threads"} in ${time}.`);
    if (seen.size !== pages || site.requests !== pages) {
      throw new ExampleError(`Wrong results: ${site.requests} requests for ${pages} pages`);
    }
  } finally {
    await pool.shutdown();
    await site.close();
  }
}

if (import.meta.main) await runWithNumbers({ pages: 200, workers: 2 }, runCrawl);
