// Tables of times, one for each thing that was done: the form in which `bench/locks`, `bench/start` and
// `bench/message_size` write what they found, and what the report reads.
import type { Host } from "./host.ts";
import { digits, duration, table } from "./print.ts";
import { type Promised, sayLimit } from "./promises.ts";

/** Ours, a package people use, the least the runtime needs for it, or CPython. */
export type Party = "ours" | "peer" | "raw" | "python";

/** Who did it, without the time it took. */
export interface Doer {
  readonly id: string;
  readonly name: string;
  readonly version?: string | undefined;
  readonly party: Party;
}

export interface Row extends Doer {
  /** Milliseconds. */
  readonly time: number;
}

/** Everybody's time for the same thing. */
export interface Sheet {
  readonly id: string;
  readonly title: string;
  /** What exactly is counted. */
  readonly hint: string;
  /** What else was seen in this run. */
  readonly note?: string;
  readonly rows: readonly Row[];
}

export interface SheetResults {
  readonly bench: "locks" | "start" | "message_size" | "queues" | "throttle" | "cluster";
  readonly host: Host;
  readonly quick: boolean;
  readonly sheets: readonly Sheet[];
  readonly targets: readonly Promised[];
}

/** Gives everybody the time that was measured under their id; who was not measured is left out. */
export function rowsOf(doers: readonly Doer[], times: Readonly<Record<string, number | undefined>>): Row[] {
  return doers.flatMap(({ id, name, version, party }) => {
    const time = times[id];
    return time === undefined || Number.isNaN(time)
      ? []
      : [{ id, name, ...version === undefined ? {} : { version }, party, time }];
  });
}

/** A row as it is called in tables. */
export function labelOf({ name, version }: Doer): string {
  return version === undefined ? name : `${name} ${version}`;
}

export function printSheets({ host, sheets, targets }: SheetResults): void {
  console.log(`\n${host.runtime} ${host.version}, ${host.cpu}, ${host.cores} cores`);
  for (const { title, hint, note, rows } of sheets) {
    const ours = rows.find(({ party }) => party === "ours");
    const lines = rows.map((row) => [
      labelOf(row),
      duration(row.time),
      ours === undefined ? "" : digits(row.time / ours.time),
    ]);
    console.log(`\n${table([[title, "time", "of ours"], ...lines])}\n  ${hint}${note === undefined ? "" : ` ${note}`}`);
  }
  if (targets.length === 0) return;
  const lines = targets.map((target) => [
    target.what,
    target.rival === undefined ? "" : `vs ${target.rival}`,
    target.rival === undefined ? `${target.value} ns` : digits(target.value),
    sayLimit(target),
    target.met ? "met" : "MISSED",
  ]);
  console.log(`\n${table([["ours", "rival", "figure", "promised", ""], ...lines])}`);
}
