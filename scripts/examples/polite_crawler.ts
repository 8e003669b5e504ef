// A crawler with at most 2 requests to each site at once, and at most 10 in total.
//
//   deno run -A scripts/examples/polite_crawler.ts [--sites 8] [--pages 25] [--limit 10] [--perSite 2]     (or bun, or node)
//
// The sites are local servers whose pages link to each other; one of them is slow. Each site counts its requests itself.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { delay } from "@std/async";
import { Throttle } from "@heddle/heddle";
import { ExampleError, inSeconds } from "./support/run_example.ts";
import { runWithNumbers } from "./support/numbers.ts";

/** A site: page n links to the pages 2n and 2n + 1, and to the same page of the next site. */
class Site {
  readonly #server: Server;
  readonly delay: number;
  /** The first page of the next site. */
  next = "";
  /** The number of pages answered, of requests in progress, and the maximum of the latter. */
  answered = 0;
  active = 0;
  most = 0;

  constructor(pages: number, time: number, counted: (change: number) => void) {
    this.delay = time;
    this.#server = createServer(async (request, response) => {
      this.most = Math.max(this.most, ++this.active);
      counted(1);
      const page = Number(request.url!.slice(1));
      const links = [2 * page, 2 * page + 1].filter((link) => link <= pages).map((link) => `/${link}`);
      if (page === 1) links.push(this.next);
      await delay(time);
      this.active--;
      this.answered++;
      counted(-1);
      response.setHeader("content-type", "text/html");
      response.end(links.map((link) => `<a href="${link}">more</a>`).join("\n"));
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** Follows links until there are no new ones, and returns the number of pages. */
async function crawl(first: string, throttle: Throttle): Promise<number> {
  const seen = new Set<string>();
  async function visit(url: string): Promise<void> {
    if (seen.has(url)) return;
    seen.add(url);
    // Each link waits here, without limit; the throttle admits them in turn.
    const response = await throttle.fetch(url);
    const text = await response.text();
    const links = [...text.matchAll(/href="([^"]+)"/g)].map(([, link]) => new URL(link!, url).href);
    await Promise.all(links.map(visit));
  }
  await visit(first);
  return seen.size;
}

async function runCrawler(
  { sites: count, pages, limit, perSite }: { sites: number; pages: number; limit: number; perSite: number },
): Promise<void> {
  let active = 0, most = 0;
  const counted = (change: number) => void (most = Math.max(most, active += change));
  const sites = Array.from({ length: count }, (_, i) => new Site(pages, i === 0 ? 12 : 3, counted));
  try {
    const urls = await Promise.all(sites.map((site) => site.listen()));
    for (const [i, site] of sites.entries()) site.next = `${urls[(i + 1) % count]}/1`;
    const throttle = new Throttle({ limit, perKey: perSite });
    const start = performance.now();
    const seen = await crawl(`${urls[0]}/1`, throttle);
    const { p50, max } = throttle.stats().waitTime;
    for (const [i, site] of sites.entries()) {
      console.log(
        `Site ${i + 1}: ${site.answered} pages of ${site.delay} ms each, at most ${site.most} at once`,
      );
      if (site.most > perSite) {
        throw new ExampleError(`The throttle failed: a site got ${site.most} requests at once (perSite is ${perSite})`);
      }
    }
    if (most > limit) {
      throw new ExampleError(`The throttle failed: the sites got ${most} requests at once (limit is ${limit})`);
    }
    console.log(`${seen} pages in ${inSeconds(performance.now() - start)}, at most ${most} at once in total.`);
    console.log(`Half of the requests waited ${inSeconds(p50)} or less, none longer than ${inSeconds(max)}.`);
  } finally {
    for (const site of sites) site.close();
  }
}

if (import.meta.main) await runWithNumbers({ sites: 8, pages: 25, limit: 10, perSite: 2 }, runCrawler);
