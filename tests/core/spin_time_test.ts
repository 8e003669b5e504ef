import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { MIN_SPIN, SpinTime } from "../../src/core/spin_time.ts";

function learn(spinTime: SpinTime, elapsed: number, times: number): void {
  for (let i = 0; i < times; i++) spinTime.learn(elapsed);
}

test("SpinTime.learn() shortens the spin down to a bound while answers are late", () => {
  const spinTime = new SpinTime(0.1);
  assertEquals(spinTime.time, 0.1);
  spinTime.learn(0.3);
  assertEquals(spinTime.time, 0.05);
  learn(spinTime, 5, 2);
  assertEquals(spinTime.time, MIN_SPIN);
});

test("SpinTime.learn() lengthens the spin again, up to the maximum, when answers are quick", () => {
  const spinTime = new SpinTime(0.1);
  learn(spinTime, 5, 3);
  learn(spinTime, 0.01, 20);
  assertEquals(spinTime.time, 0.1);
});

test("SpinTime.learn() lengthens the spin if the longest spin would have caught an answer that came to a sleeper", () => {
  const spinTime = new SpinTime(0.1);
  learn(spinTime, 5, 3);
  spinTime.learn(0.15);
  assertEquals(spinTime.time, 2 * MIN_SPIN);
});

test("SpinTime.time is 0 for a number of waits after spins without an answer", () => {
  const spinTime = new SpinTime(0.1);
  learn(spinTime, 0.15, 16);
  assertEquals(spinTime.time, 0);
  learn(spinTime, 0.15, 15);
  assertEquals(spinTime.time, 0);
  spinTime.learn(0.15);
  assertEquals(spinTime.time, 0.1);
});

test("SpinTime.time is 0 for fewer waits if answers are quick", () => {
  const spinTime = new SpinTime(0.1);
  learn(spinTime, 0.15, 16);
  learn(spinTime, 0.09, 2);
  assertEquals(spinTime.time, 0.1);
});

test("SpinTime.time is 0 for more and more waits until a spin catches an answer again", () => {
  const spinTime = new SpinTime(0.1);
  learn(spinTime, 0.15, 16);
  const pauses: number[] = [];
  for (let i = 0; i < 7; i++) {
    let pause = 0;
    for (; spinTime.time === 0; pause++) spinTime.learn(0.15);
    pauses.push(pause);
    if (i === 5) spinTime.learn(0.05);
    learn(spinTime, 0.15, i === 5 ? 16 : 1);
  }
  assertEquals(pauses, [16, 32, 64, 128, 256, 256, 16]);
});
