import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { Patience } from "../../src/core/patience.ts";

test("Patience.learn() shrinks the look down to a bound while nothing comes", () => {
  const patience = new Patience();
  const first = patience.time;
  patience.learn(false);
  assertEquals(patience.time, first / 2);
  for (let i = 0; i < 20; i++) patience.learn(false);
  assert(patience.time > 0 && patience.time < first / 2);
});

test("Patience.learn() grows the look back, and no further, when things come", () => {
  const patience = new Patience();
  const longest = patience.time;
  for (let i = 0; i < 20; i++) patience.learn(false);
  for (let i = 0; i < 20; i++) patience.learn(true);
  assertEquals(patience.time, longest);
});
