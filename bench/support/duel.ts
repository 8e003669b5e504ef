// Times several ways of doing the same thing with mitata, in short bursts that take turns.
import { measure } from "mitata";
import { geometricMean } from "./stats.ts";

export interface DuelOptions {
  /** How often each contender has its turn. */
  readonly bursts: number;
  /** The time of one turn in milliseconds, beyond its minimum of samples. */
  readonly budget: number;
  /** The fewest samples of one turn. */
  readonly least?: number;
}

/**
 * Every contender does the work once and returns the milliseconds it took, leaving out what does not belong to it. Returns
 * one time for each, in milliseconds: the mean over bursts of the bursts' medians.
 */
export async function duel<Name extends string>(
  contenders: Record<Name, () => Promise<number>>,
  { bursts, budget, least = 1 }: DuelOptions,
): Promise<Record<Name, number>> {
  const names = Object.keys(contenders) as Name[];
  const medians = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  // `manual`: the contender has looked at the clock itself.
  const options = { manual: "real", min_samples: least, min_cpu_time: budget * 1e6, warmup_samples: 2 };
  for (let burst = 0; burst < bursts; burst++) {
    for (const name of burst % 2 === 0 ? names : names.toReversed()) {
      const { p50 } = await measure(async () => await contenders[name]() * 1e6, options);
      medians[name].push(p50 / 1e6);
    }
  }
  return Object.fromEntries(names.map((name) => [name, geometricMean(medians[name])])) as Record<Name, number>;
}

/** The winner of two times, or neither when they differ by less than a twentieth. */
export function winner(threads: number, processes: number): "threads" | "processes" | "even" {
  if (Math.max(threads, processes) / Math.min(threads, processes) < 1.05) return "even";
  return threads < processes ? "threads" : "processes";
}
