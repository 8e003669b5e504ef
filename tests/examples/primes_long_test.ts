import { test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { runExample } from "./support.ts";

const ANSWERS: readonly [string, boolean][] = [
  ["112272535095293", true],
  ["112582705942171", true],
  ["112272535095293", true],
  ["115280095190773", true],
  ["115797848077099", true],
  ["115797848077181", true],
  ["1099726899285419", false],
];

test("primes.ts gives the same answers as Python in all three ways", async () => {
  const { code, stdout, stderr } = await runExample("primes.ts", ["--workers", "2"]);
  assertEquals(code, 0, stderr);
  assertEquals(stderr, "");
  const answers = [...stdout.matchAll(/^ *(\d+) is prime: (true|false)$/gm)].map(([, n, answer]) => [n, answer]);
  assertEquals(answers, ANSWERS.map(([n, prime]) => [n, String(prime)]));
  for (const mode of ["2 threads", "2 processes"]) {
    assertMatch(stdout, new RegExp(`^${mode}(?: +\\d+\\.\\d\\d s +\\d+\\.\\d\\dx){2}$`, "m"));
  }
});
