// Task of the crawler examples, in a module of its own: every worker loads the module of its task.

import { current, type Task, task } from "@heddle/heddle/task";

/** A page that was fetched. */
export interface Page {
  url: string;
  /** The addresses that the page links to. */
  links: string[];
  /** The attempt that succeeded, from 1. */
  attempt: number;
}

/**
 * Fetches a page and finds its links. An abort of the task ends the request.
 *
 * @throws {Error} if the page answers with an error status.
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
