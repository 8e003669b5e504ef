import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { Histogram } from "../../src/core/histogram.ts";
import { seeded } from "./random.ts";

/** The accuracy that the documentation of `Summary` promises. */
const PRECISION = 0.05;

test("Histogram.summary() is all zeros before the first record", () => {
  assertEquals(new Histogram().summary(), { count: 0, p50: 0, p90: 0, p99: 0, max: 0 });
});

test("Histogram.summary() of one duration is that duration", () => {
  const histogram = new Histogram();
  histogram.record(12.5);
  const { count, p50, p90, p99, max } = histogram.summary();
  assertEquals([count, max], [1, 12.5]);
  for (const value of [p50, p90, p99]) assertNear(value, 12.5);
});

test("Histogram.summary() never reports a percentile above the longest duration", () => {
  for (let duration = 0.001; duration < 1e6; duration *= 1.37) {
    const histogram = new Histogram();
    histogram.record(duration);
    assert(histogram.summary().p99 <= duration, `${histogram.summary().p99} is longer than ${duration}`);
  }
});

test("Histogram counts durations that are zero or too short to distinguish", () => {
  const histogram = new Histogram();
  for (const duration of [0, 0, 1e-9]) histogram.record(duration);
  assertEquals(histogram.summary().count, 3);
  assert(histogram.summary().p99 <= 1e-4);
});

test("Histogram counts durations longer than its last bucket", () => {
  const histogram = new Histogram();
  histogram.record(1);
  histogram.record(1e12);
  histogram.record(Infinity);
  const { count, p50, max } = histogram.summary();
  assertEquals([count, max], [3, Infinity]);
  assert(p50 >= 1e7);
});

for (const [name, sample] of [["even", even], ["long-tailed", longTailed]] as const) {
  for (const seed of [1, 2, 3]) {
    test(`Histogram percentiles of ${name} durations are within 5 % (seed ${seed})`, () => {
      const random = seeded(seed);
      const histogram = new Histogram();
      const durations = Array.from({ length: 10_000 }, () => sample(random.next()));
      for (const duration of durations) histogram.record(duration);
      durations.sort((a, b) => a - b);
      const { count, p50, p90, p99, max } = histogram.summary();
      assertEquals([count, max], [10_000, durations.at(-1)]);
      assertNear(p50, durations[4_999]!);
      assertNear(p90, durations[8_999]!);
      assertNear(p99, durations[9_899]!);
    });
  }
}

function even(random: number): number {
  return 0.01 + random * 1_000;
}

function longTailed(random: number): number {
  return 0.001 / (1 - random) ** 2;
}

function assertNear(actual: number, expected: number): void {
  const error = Math.abs(actual - expected) / expected;
  assert(error <= PRECISION, `${actual} is not within 5 % of ${expected}`);
}
