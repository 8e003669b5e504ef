// Collects the performance targets of all benches in one form.

import { digits } from "../bench/support/print.ts";
import { type Promised, sayLimit } from "../bench/support/promises.ts";
import type { RuntimeResults } from "./report_data.ts";

/** One target on several runtimes; `undefined` where it was not measured. */
export interface PromiseRow {
  readonly what: string;
  readonly limit: string;
  readonly cells: readonly (Promised | undefined)[];
}

/** Lists the targets measured on a runtime. */
export function promisesOf(results: RuntimeResults): Promised[] {
  const { peers, locks, start, queues, throttle, streams, call_sync, cluster } = results;
  const pools = peers?.targets.map(({ kind, figure, what, peer, ratio, bound, limit, met }): Promised => {
    return { id: `${kind} ${figure}`, what: `${kind}: ${what}`, peer, value: ratio, bound, limit, met };
  });
  const of = (bench: string, targets: readonly Promised[] = []): Promised[] =>
    targets.map((target) => ({ ...target, id: `${bench} ${target.id}`, what: `${bench}: ${target.what}` }));
  return [
    ...pools ?? [],
    ...of("lock", locks?.targets),
    ...of("start", start?.targets),
    ...of("queue", queues?.targets),
    ...of("throttle", throttle?.targets),
    ...of("streams", streams?.targets),
    ...of("call_sync", call_sync?.targets),
    ...of("cluster", cluster?.targets),
  ];
}

export function promiseRows(runtimes: readonly RuntimeResults[]): PromiseRow[] {
  const columns = runtimes.map(promisesOf);
  const first = new Map(columns.flat().map((target) => [target.id, target]));
  return [...first.values()].map((target) => ({
    what: target.what,
    limit: sayLimit(target),
    cells: columns.map((column) => column.find(({ id }) => id === target.id)),
  }));
}

/** Splits a result into our figure and its reference: `1.05` and `of async-sema`, or `131 ns` and nothing. */
export function splitFigure({ value, peer }: Promised): { figure: string; of: string } {
  return peer === undefined ? { figure: `${digits(value)} ns`, of: "" } : { figure: digits(value), of: `of ${peer}` };
}

/** Formats the figure and its reference as one text. */
export function sayFigure(target: Promised): string {
  const { figure, of } = splitFigure(target);
  return of === "" ? figure : `${figure} ${of}`;
}
