import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runExample } from "./support.ts";

test("philosophers.ts shows the deadlock, and three ways out of it", async () => {
  const { code, stdout, stderr } = await runExample("philosophers.ts");
  assertEquals([code, stderr], [0, ""]);
  // After one has left, others may still wait for each other, until all that remain take things in the same order.
  const hungry = [
    ...stdout.matchAll(
      /^\w+, thread \d+, leaves after (\d+) meals: Cannot acquire .*the wait would close a cycle: thread "\w+" holds Lock \d/gm,
    ),
  ];
  assert(hungry.length >= 1 && hungry.length <= 3, stdout);
  const eaten = hungry.reduce((sum, [, meals]) => sum + Number(meals), (4 - hungry.length) * 10);
  const end = `${hungry.length} left hungry because of a deadlock`;
  assertStringIncludes(stdout, `deadlock: ${eaten} of 40 meals were eaten, ${end}.\n`);
  for (const mode of ["rlock", "lock", "order"]) {
    assertStringIncludes(stdout, `\n${mode}: 40 of 40 meals were eaten, none left hungry.\n`);
  }
});

test("philosophers.ts runs only the given mode", async () => {
  const { code, stdout, stderr } = await runExample("philosophers.ts", ["order", "--meals", "2"]);
  assertEquals([code, stdout, stderr], [0, "order: 8 of 8 meals were eaten, none left hungry.\n", ""]);
});

test("philosophers.ts fails with a clear message on an unknown mode", async () => {
  const { code, stdout, stderr } = await runExample("philosophers.ts", ["polite"]);
  assertEquals([code, stdout], [1, ""]);
  assertMatch(stderr, /^Cannot dine in mode 'polite': use deadlock, rlock, lock, order$/m);
});
