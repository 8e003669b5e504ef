import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { runExample } from "./support.ts";

test("polite_crawler.ts sees every page and never exceeds the limits of a site", async () => {
  const args = ["--sites", "4", "--pages", "9", "--limit", "5", "--perSite", "2", "--rate", "4"];
  const { code, stdout, stderr } = await runExample("polite_crawler.ts", args);
  assertEquals([code, stderr], [0, ""]);
  const sites = [...stdout.matchAll(/^Site (\d): (\d+) pages of \d+ ms each, at most (\d) at once$/gm)];
  assertEquals(sites.map(([, site, pages]) => [site, pages]), ["1", "2", "3", "4"].map((site) => [site, "9"]));
  for (const [, , , most] of sites) assert(Number(most) <= 2, stdout);
  const [, pages, most] = /^(\d+) pages in [\d.]+ s, at most (\d) at once in total\.$/m.exec(stdout)!;
  assertEquals(pages, "36");
  assert(Number(most) > 1 && Number(most) <= 5, stdout);
  const [, burst] = /^No site got more than (\d+) requests in 100 ms\.$/m.exec(stdout)!;
  assert(Number(burst) <= 6, stdout);
});
