// Tables of times, one for each operation: the format in which benches such as `bench/locks` write their results, and which the
// report reads.
import type { Host } from "./host.ts";
import { digits, duration, table } from "./print.ts";
import { type Promised, sayLimit } from "./promises.ts";

/** Ours, a peer, the minimum that the runtime needs for the operation, or CPython. */
export type Group = "ours" | "peer" | "raw" | "python";

/** A row without its time. */
export interface Doer {
  readonly id: string;
  readonly name: string;
  readonly version?: string | undefined;
  readonly group: Group;
}

export interface Row extends Doer {
  /** Milliseconds. */
  readonly time: number;
}

/** The times of all rows for one operation. */
export interface Sheet {
  readonly id: string;
  readonly title: string;
  /** The meaning of the time. */
  readonly hint: string;
  /** A further observation of this run. */
  readonly note?: string;
  readonly rows: readonly Row[];
}

/** The benches that write sheets. */
export type SheetBench =
  | "locks"
  | "start"
  | "message_size"
  | "queues"
  | "throttle"
  | "streams"
  | "call_sync"
  | "cluster";

export interface SheetResults {
  readonly bench: SheetBench;
  readonly host: Host;
  readonly quick: boolean;
  readonly sheets: readonly Sheet[];
  readonly targets: readonly Promised[];
}

/** Joins rows with the times measured under their ids; rows without a time are left out. */
export function rowsOf(doers: readonly Doer[], times: Readonly<Record<string, number | undefined>>): Row[] {
  return doers.flatMap(({ id, name, version, group }) => {
    const time = times[id];
    return time === undefined || Number.isNaN(time)
      ? []
      : [{ id, name, ...version === undefined ? {} : { version }, group, time }];
  });
}

/** The label of a row in tables. */
export function labelOf({ name, version }: Doer): string {
  return version === undefined ? name : `${name} ${version}`;
}

export function printSheets({ host, sheets, targets }: SheetResults): void {
  console.log(`\n${host.runtime} ${host.version}, ${host.cpu}, ${host.cores} cores`);
  for (const { title, hint, note, rows } of sheets) {
    const ours = rows.find(({ group }) => group === "ours");
    const lines = rows.map((row) => [
      labelOf(row),
      duration(row.time),
      ours === undefined ? "" : digits(row.time / ours.time),
    ]);
    console.log(`\n${table([[title, "time", "vs ours"], ...lines])}\n  ${hint}${note === undefined ? "" : ` ${note}`}`);
  }
  if (targets.length === 0) return;
  const lines = targets.map((target) => [
    target.what,
    target.peer === undefined ? "" : `vs ${target.peer}`,
    target.peer === undefined ? `${target.value} ns` : digits(target.value),
    sayLimit(target),
    target.met ? "met" : "MISSED",
  ]);
  console.log(`\n${table([["ours", "peer", "figure", "target", ""], ...lines])}`);
}
