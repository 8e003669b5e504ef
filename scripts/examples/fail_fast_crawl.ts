// Crawls the sections of a web site, each in a group of its own, and gives up as soon as one page fails.
//
//   deno run -A scripts/examples/fail_fast_crawl.ts [--pages 300] [--broken 40]        (or bun, or node)
//
// The groups of the sections are members of one group. When a page fails, its section fails, and with it the whole group:
// running tasks see their signal abort, which ends their requests, and queued tasks never start.

import { inline, InlineExecutor, TaskGroup } from "@heddle/heddle";
import { fetchPage } from "./page_tasks.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";
import { openSite } from "./support/site.ts";

/** The first page of each section. */
const SECTIONS = [1, 2, 3];

async function runFailFast({ pages, broken }: { pages: number; broken: number }): Promise<void> {
  const site = await openSite({ pages, broken: [broken], delay: 10 });
  const pool = new InlineExecutor({ maxWorkers: 6 });
  const whole = new TaskGroup(pool);
  const outcomes = { fetched: 0, failed: 0, stopped: 0 };
  try {
    const sections = SECTIONS.map((section) => {
      const group = new TaskGroup(whole);
      const visit = (url: string): void => {
        group.submit(fetchPage, url).addDoneCallback((future) => {
          const error = future.exceptionNow();
          if (error === undefined) {
            outcomes.fetched++;
            future.resultNow().links.forEach(visit);
          } else if ((error as Error).name === "AbortError") outcomes.stopped++;
          else outcomes.failed++;
        });
      };
      visit(`${site.url}${section}`);
      return group;
    });
    const ends = await Promise.allSettled(sections.map((group) => group.join()));
    const error = await whole.join().then(() => undefined, (error: Error) => error);
    if (error === undefined) console.log(`All ${outcomes.fetched} pages work.`);
    else console.log(`Gave up: ${error.message.replace(site.url, "/")}.`);
    for (const [i, end] of ends.entries()) {
      const how = end.status === "fulfilled" ? "is complete" : `ended in ${end.reason.name}: ${end.reason.message}`;
      console.log(`Section ${SECTIONS[i]} ${how.replace(site.url, "/")}`);
    }
    const { fetched, failed, stopped } = outcomes;
    console.log(`${fetched} pages were fetched, ${failed} failed, ${stopped} were stopped; no task is left.`);
    // The pool still works: only the group was stopped.
    if (await pool.submit(inline(() => "fine")) !== "fine" || whole.errors.length !== failed) {
      throw new ExampleError("Wrong results: the group reports other failures than its tasks");
    }
  } finally {
    await pool.shutdown();
    await site.close();
  }
}

if (import.meta.main) await runWithNumbers({ pages: 300, broken: 40 }, runFailFast);
