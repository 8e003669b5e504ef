// A local web site for the crawler examples: a tree of pages, some of which fail.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delay } from "@std/async";

/** The properties of a site. */
export interface SiteOptions {
  /** The number of pages; page n links to the pages 3n + 1 to 3n + 3. */
  pages: number;
  /** The response time of a page, in milliseconds. */
  delay?: number;
  /** The pages that always fail. */
  broken?: readonly number[];
  /** The number of times each page fails before it succeeds. */
  failures?: number;
}

/** A site that runs until it is closed. */
export interface Site {
  readonly url: string;
  /** The number of requests answered. */
  readonly requests: number;
  close(): Promise<void>;
}

/** Opens a site on a free port of the loopback interface. */
export async function openSite({ pages, delay: time = 5, broken = [], failures = 0 }: SiteOptions): Promise<Site> {
  const asked = new Map<number, number>();
  let requests = 0;
  const server = createServer(async (request, response) => {
    const page = Number(request.url!.slice(1));
    const times = (asked.get(page) ?? 0) + 1;
    asked.set(page, times);
    await delay(time);
    requests++;
    const status = !(page < pages) ? 404 : broken.includes(page) ? 500 : times <= failures ? 503 : 200;
    response.writeHead(status, { "content-type": "text/html", "connection": "close" });
    const links = [1, 2, 3].map((n) => 3 * page + n).filter((link) => link < pages);
    response.end(status === 200 ? links.map((link) => `<a href="/${link}">page ${link}</a>`).join("\n") : "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    get requests() {
      return requests;
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
