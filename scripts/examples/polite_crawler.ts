// A crawler with at most 2 requests and 10 starts in 100 ms to each site, and at most 10 requests at once in total.
//
//   deno run -A scripts/examples/polite_crawler.ts [--sites 8] [--pages 25] [--limit 10] [--perSite 2] [--rate 10]   (or bun, or node)
//
// The sites are local servers whose pages link to each other. One site is slow, and the last site asks for a pause of
// one second after its third page. Each site counts its own requests.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { delay } from "@std/async";
import { Throttle } from "@heddle/heddle";
import { ExampleError, inSeconds } from "./support/run_example.ts";
import { runWithNumbers } from "./support/numbers.ts";

/** The window of the rate in milliseconds, and the pause that a busy site asks for in seconds. */
const WINDOW = 100, PAUSE = 1;

/** A site: page n links to the pages 2n and 2n + 1, and to the same page of the next site. */
class Site {
  readonly #server: Server;
  readonly delay: number;
  /** The first page of the next site. */
  next = "";
  /** The numbers of answered pages and of requests in progress, and the maximum of the latter. */
  answered = 0;
  active = 0;
  most = 0;
  /** The times of all requests, and the end of the pause that the site has asked for. */
  readonly times: number[] = [];
  #pausedUntil = 0;
  /** The number of requests before the end of that pause. */
  early = 0;

  /** @param busyAfter the number of pages that the site answers before it asks for a pause. */
  constructor(pages: number, time: number, busyAfter: number, counted: (change: number) => void) {
    this.delay = time;
    this.#server = createServer(async (request, response) => {
      const now = performance.now();
      this.times.push(now);
      if (now < this.#pausedUntil) this.early++;
      if (this.times.length === busyAfter + 1) {
        // A request in progress may still arrive, and the clocks of both sides may differ by some milliseconds.
        this.#pausedUntil = now + PAUSE * 1_000 - 10;
        return void response.writeHead(429, { "retry-after": String(PAUSE) }).end();
      }
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

  /** The maximum number of requests in any window of the rate. */
  get burst(): number {
    return Math.max(...this.times.map((start) => this.times.filter((at) => at >= start && at < start + WINDOW).length));
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
    // Any number of links may wait here. A rejected page is fetched again after the pause of its site.
    const response = await throttle.fetch(url);
    const text = await response.text();
    const links = [...text.matchAll(/href="([^"]+)"/g)].map(([, link]) => new URL(link!, url).href);
    await Promise.all(links.map(visit));
  }
  await visit(first);
  return seen.size;
}

async function runCrawler(
  { sites: count, pages, limit, perSite, rate }: {
    sites: number;
    pages: number;
    limit: number;
    perSite: number;
    rate: number;
  },
): Promise<void> {
  let active = 0, most = 0;
  const counted = (change: number) => void (most = Math.max(most, active += change));
  const sites = Array.from({ length: count }, (_, i) => {
    return new Site(pages, i === 0 ? 12 : 3, i === count - 1 ? 3 : Infinity, counted);
  });
  try {
    const urls = await Promise.all(sites.map((site) => site.listen()));
    for (const [i, site] of sites.entries()) site.next = `${urls[(i + 1) % count]}/1`;
    const throttle = new Throttle({
      limit,
      perKey: { limit: perSite, rate: { limit: rate, interval: WINDOW } },
      retry: { minDelay: 10 },
    });
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
      // Requests may take different times to arrive, so they can be closer together at the server.
      if (site.burst > rate + perSite) {
        throw new ExampleError(
          `The throttle failed: a site got ${site.burst} requests in ${WINDOW} ms (rate is ${rate})`,
        );
      }
      // Requests that were in progress when the site rejected one.
      if (site.early >= perSite) {
        throw new ExampleError(`The throttle failed: ${site.early} requests came before the end of the pause`);
      }
    }
    if (most > limit) {
      throw new ExampleError(`The throttle failed: the sites got ${most} requests at once (limit is ${limit})`);
    }
    console.log(`${seen} pages in ${inSeconds(performance.now() - start)}, at most ${most} at once in total.`);
    console.log(`No site got more than ${Math.max(...sites.map(({ burst }) => burst))} requests in ${WINDOW} ms.`);
    console.log(`Half of the requests waited ${inSeconds(p50)} or less, none longer than ${inSeconds(max)}.`);
  } finally {
    for (const site of sites) site.close();
  }
}

if (import.meta.main) await runWithNumbers({ sites: 8, pages: 25, limit: 10, perSite: 2, rate: 10 }, runCrawler);
