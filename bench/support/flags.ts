// Parses the flags that all benches share.
import { writeFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";

export interface Flags {
  /** Finishes in seconds, with imprecise figures. */
  readonly quick: boolean;
  /** Writes the results to this file. */
  readonly json: string | undefined;
  /** The number of rounds in which the peers take turns. */
  readonly rounds: number;
  /** Runs only peers whose id contains one of these. */
  readonly only: readonly string[];
}

export function readFlags(): Flags {
  const { values } = parseArgs({
    args: process.argv.slice(2),
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      rounds: { type: "string" },
      only: { type: "string" },
    },
  });
  const quick = values.quick ?? false;
  return {
    quick,
    json: values.json,
    rounds: values.rounds === undefined ? (quick ? 1 : 7) : Number(values.rounds),
    only: values.only?.split(",") ?? [],
  };
}

export function writeResults(flags: Flags, results: unknown): void {
  if (flags.json !== undefined) writeFileSync(flags.json, JSON.stringify(results, null, 1) + "\n");
}
