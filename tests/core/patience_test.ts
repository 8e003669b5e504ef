import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { Patience, SHORTEST_LOOK } from "../../src/core/patience.ts";

test("Patience.learn() shortens the spin to a minimum while events come late", () => {
  const patience = new Patience(0.1);
  assertEquals(patience.time, 0.1);
  patience.learn(0.3);
  assertEquals(patience.time, 0.05);
  for (let i = 0; i < 20; i++) patience.learn(5);
  assertEquals(patience.time, SHORTEST_LOOK);
});

test("Patience.learn() lengthens the spin to its maximum when events come in time", () => {
  const patience = new Patience(0.1);
  for (let i = 0; i < 20; i++) patience.learn(5);
  for (let i = 0; i < 20; i++) patience.learn(0.01);
  assertEquals(patience.time, 0.1);
});

test("Patience.learn() lengthens the spin if the longest one would have caught the event", () => {
  const patience = new Patience(0.1);
  for (let i = 0; i < 20; i++) patience.learn(5);
  const short = patience.time;
  patience.learn(0.15);
  assert(patience.time > short);
});
