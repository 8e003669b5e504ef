// Times several ways to do the same work with mitata, in short bursts that take turns.
import { measure } from "mitata";
import { geometricMean } from "./stats.ts";

export interface DuelOptions {
  /** The number of bursts of each contender. */
  readonly bursts: number;
  /** The time of one burst in milliseconds, beyond its minimum of samples. */
  readonly budget: number;
  /** The minimum number of samples in one burst. */
  readonly least?: number;
  /** Contenders that drop out on a wrong answer instead of ending the bench: their time is NaN. */
  readonly peers?: readonly string[];
}

/**
 * Each contender does the work once and returns its own time in milliseconds, without preparations. Returns one time for each
 * contender, in milliseconds: the geometric mean over bursts of the bursts' medians.
 */
export async function duel<Name extends string>(
  contenders: Record<Name, () => Promise<number>>,
  { bursts, budget, least = 1, peers = [] }: DuelOptions,
): Promise<Record<Name, number>> {
  const names = Object.keys(contenders) as Name[];
  const medians = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  // `manual`: the contender measures its own time.
  const options = { manual: "real", min_samples: least, min_cpu_time: budget * 1e6, warmup_samples: 2 };
  const out = new Set<Name>();
  for (let burst = 0; burst < bursts; burst++) {
    for (const name of burst % 2 === 0 ? names : names.toReversed()) {
      if (out.has(name)) continue;
      try {
        const { p50 } = await measure(async () => await contenders[name]() * 1e6, options);
        medians[name].push(p50 / 1e6);
      } catch (error) {
        if (!peers.includes(name)) throw error;
        console.log(`  ${name} drops out: ${error instanceof Error ? error.message : error}`);
        out.add(name);
        medians[name] = [NaN];
      }
    }
  }
  return Object.fromEntries(names.map((name) => [name, geometricMean(medians[name])])) as Record<Name, number>;
}

/** Returns the winner of two times, or "even" if they differ by less than 5 %. */
export function winner(threads: number, processes: number): "threads" | "processes" | "even" {
  if (Math.max(threads, processes) / Math.min(threads, processes) < 1.05) return "even";
  return threads < processes ? "threads" : "processes";
}
