import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runExample } from "./support.ts";

test("crawl.ts finds every page of a site, each once", async () => {
  const { code, stdout, stderr } = await runExample("crawl.ts", ["--pages", "30", "--workers", "2"]);
  assertEquals([code, stderr], [0, ""]);
  assert(/^30 pages on 2 threads in \d+\.\d\d s\.\n$/.test(stdout), stdout);
});

test("fail_fast_crawl.ts gives up when a page fails, and leaves nothing running", async () => {
  const { code, stdout, stderr } = await runExample("fail_fast_crawl.ts");
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "Gave up: /40 answers 500.\nSection 1 ended in Error: /40 answers 500\n");
  for (const section of [2, 3]) assertStringIncludes(stdout, `Section ${section} ended in AbortError`);
  const [fetched, failed, stopped] = [...stdout.matchAll(/\d+(?= pages were| failed| were stopped)/g)].map(Number);
  assert(fetched! < 299 && failed === 1 && stopped! > 0, stdout);
});

test("fail_fast_crawl.ts crawls all of a site without failures", async () => {
  const { code, stdout } = await runExample("fail_fast_crawl.ts", ["--pages", "40", "--broken", "40"]);
  assertEquals(code, 0);
  // Page 0 links to the sections and belongs to none.
  assertStringIncludes(stdout, "All 39 pages work.\nSection 1 is complete\n");
});

test("retry_crawl.ts retries pages until they succeed", async () => {
  const { code, stdout, stderr } = await runExample("retry_crawl.ts", ["--pages", "7", "--failures", "2"]);
  assertEquals([code, stderr, stdout], [0, "", "7 pages succeeded in attempt 3\n7 pages took 21 requests.\n"]);
});

test("retry_crawl.ts gives up after the last attempt, and reports earlier ones", async () => {
  const { code, stderr } = await runExample("retry_crawl.ts", ["--pages", "7", "--attempts", "2"]);
  assertEquals([code, stderr], [1, "Gave up: /0 answers 503 (earlier attempts that failed: 1)\n"]);
});
