// The results of the benches of our own pools, as written to JSON and read by the report.
import type { Host } from "./host.ts";

/** One row of `bench/thread_vs_process`; times in milliseconds. */
export interface Cell {
  readonly id: string;
  readonly what: string;
  readonly threads: number;
  readonly processes: number;
  readonly winner: "threads" | "processes" | "even";
}

export interface ThreadVsProcessResults {
  readonly bench: "thread_vs_process";
  readonly host: Host;
  readonly quick: boolean;
  readonly workers: number;
  readonly cells: readonly Cell[];
}

/** The speed-up of a batch of tasks of one size in a pool over running it in place. */
export interface TaskSize {
  readonly micros: number;
  readonly threads: number;
  readonly processes: number;
}

export interface SmallestTaskResults {
  readonly bench: "smallest_task";
  readonly host: Host;
  readonly quick: boolean;
  readonly workers: number;
  readonly sizes: readonly TaskSize[];
  /** In microseconds; 0 if even the smallest size pays off, `null` if none does. */
  readonly breakEven: { readonly threads: number | null; readonly processes: number | null };
}
