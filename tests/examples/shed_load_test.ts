import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { runExample } from "./support.ts";

test("shed_load.ts rejects no request at its limit, and some at four times its limit", async () => {
  const args = ["--limit", "2", "--queue", "2", "--work", "10", "--requests", "12"];
  const { code, stdout, stderr } = await runExample("shed_load.ts", args);
  assertEquals([code, stderr], [0, ""]);
  const loads = [...stdout.matchAll(/: (\d+) served, half in .*?; (\d+) rejected/g)].map((found) =>
    found.slice(1).map(Number)
  );
  assertEquals(loads[0], [24, 0]);
  const [served, shed] = loads[1]!;
  assertEquals(served! + shed!, 96);
  assert(served! > 0 && shed! > 0, stdout);
  assert(stdout.endsWith(`\nAt most 2 at once; ${shed} requests were rejected in total.\n`), stdout);
});
