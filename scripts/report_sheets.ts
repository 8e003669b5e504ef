// Merges bench tables of all runtimes side by side.

import { duration } from "../bench/support/print.ts";
import { type Group, labelOf, type SheetBench } from "../bench/support/sheets.ts";
import type { RuntimeResults } from "./report_data.ts";

export const SHEET_BENCHES: readonly { bench: SheetBench; question: string }[] = [
  { bench: "locks", question: "What does a lock cost?" },
  { bench: "start", question: "What does starting cost?" },
  { bench: "message_size", question: "Copy, move or share?" },
  { bench: "queues", question: "What does a queue cost?" },
  { bench: "throttle", question: "What does a throttle cost?" },
  { bench: "streams", question: "How fast do values stream?" },
  { bench: "call_sync", question: "What does a blocking call cost?" },
  { bench: "cluster", question: "What does a task on another machine cost?" },
];

/** One table with a column for each runtime. */
export interface MergedSheet {
  readonly title: string;
  readonly hint: string;
  readonly notes: readonly { runtime: RuntimeResults; note: string }[];
  readonly rows: readonly MergedRow[];
}

export interface MergedRow {
  readonly label: string;
  readonly group: Group;
  /** Milliseconds; `undefined` where it was not measured. */
  readonly times: readonly (number | undefined)[];
}

/** Merges the tables of one bench, and keeps every row that was measured on at least one runtime. */
export function mergeSheets(runtimes: readonly RuntimeResults[], bench: SheetBench): MergedSheet[] {
  const columns = runtimes.map((runtime) => runtime[bench]?.sheets ?? []);
  const first = new Map(columns.flat().toReversed().map((sheet) => [sheet.id, sheet]));
  return [...first.values()].toReversed().map(({ id, title, hint }) => {
    const own = columns.map((sheets) => sheets.find((sheet) => sheet.id === id));
    const doers = new Map(own.flatMap((sheet) => sheet?.rows ?? []).toReversed().map((row) => [row.id, row]));
    return {
      title,
      hint,
      notes: own.flatMap((sheet, i) => sheet?.note === undefined ? [] : [{ runtime: runtimes[i]!, note: sheet.note }]),
      rows: [...doers.values()].toReversed().map((row) => ({
        label: labelOf(row),
        group: row.group,
        times: own.map((sheet) => sheet?.rows.find(({ id }) => id === row.id)?.time),
      })),
    };
  });
}

export function sayTime(milliseconds: number | undefined): string {
  return milliseconds === undefined ? "-" : duration(milliseconds);
}
