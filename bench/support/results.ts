// What the benches of our own pools found, in the form that is written as JSON and read by the report.
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

/** How much faster a batch of tasks of one size is in a pool than on the spot. */
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
  /** In microseconds; 0 if even the smallest is worth it, `null` if none is. */
  readonly breakEven: { readonly threads: number | null; readonly processes: number | null };
}
