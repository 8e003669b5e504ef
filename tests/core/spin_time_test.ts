import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { MIN_SPIN, SpinTime } from "../../src/core/spin_time.ts";

test("SpinTime.learn() shrinks the look down to a bound while things come late", () => {
  const spinTime = new SpinTime(0.1);
  assertEquals(spinTime.time, 0.1);
  spinTime.learn(0.3);
  assertEquals(spinTime.time, 0.05);
  for (let i = 0; i < 20; i++) spinTime.learn(5);
  assertEquals(spinTime.time, MIN_SPIN);
});

test("SpinTime.learn() grows the look back, and no further, when things come in time", () => {
  const spinTime = new SpinTime(0.1);
  for (let i = 0; i < 20; i++) spinTime.learn(5);
  for (let i = 0; i < 20; i++) spinTime.learn(0.01);
  assertEquals(spinTime.time, 0.1);
});

test("SpinTime.learn() grows when the longest look would have met what came to a sleeper", () => {
  const spinTime = new SpinTime(0.1);
  for (let i = 0; i < 20; i++) spinTime.learn(5);
  const short = spinTime.time;
  spinTime.learn(0.15);
  assert(spinTime.time > short);
});
