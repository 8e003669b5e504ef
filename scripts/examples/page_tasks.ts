// What the crawlers among the examples do with a page. It has a module of its own, as every worker loads it.

import { current, type Task, task } from "@heddle/heddle/task";

/** A page that was fetched. */
export interface Page {
  url: string;
  /** Where it leads. */
  links: string[];
  /** In which attempt it was fetched. */
  attempt: number;
}

/**
 * Fetches a page and finds its links. An abort of the task ends the request.
 *
 * @throws {Error} if the page does not work.
 */
export const fetchPage: Task<[url: string], Promise<Page>> = task(
  import.meta,
  async function fetchPage(url: string): Promise<Page> {
    const { signal, attempt } = current()!;
    const response = await fetch(url, { signal });
    const text = await response.text();
    if (!response.ok) throw new Error(`${url} answers ${response.status}`);
    const links = [...text.matchAll(/href="([^"]+)"/g)].map(([, link]) => new URL(link!, url).href);
    return { url, links, attempt };
  },
);
