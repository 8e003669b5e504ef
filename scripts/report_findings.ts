// Puts the figures into sentences, for both the page and the tables.

import type { Host } from "../bench/support/host.ts";
import type { Figures } from "../bench/support/measure.ts";
import type { PeerResult, PeersResults } from "../bench/support/peers_results.ts";
import { count, digits, duration } from "../bench/support/print.ts";
import type { Cell } from "../bench/support/results.ts";
import type { Kind } from "../bench/support/peers/peer.ts";
import { BENCHES, type RuntimeResults } from "./report_data.ts";

/** A figure of the comparison with peers, its format, and which direction is better. */
export interface Metric {
  readonly id: "throughput" | "latency" | "echo" | "speedup";
  readonly title: string;
  readonly better: "longer" | "shorter";
  say(value: number): string;
}

export const METRICS: readonly Metric[] = [
  { id: "throughput", title: "Many tiny tasks in flight", better: "longer", say: (value) => `${count(value)}/s` },
  { id: "latency", title: "One tiny task at a time", better: "shorter", say: (value) => duration(value / 1000) },
  { id: "echo", title: "1 MiB there and back", better: "shorter", say: duration },
  { id: "speedup", title: "Computing on two workers", better: "longer", say: (value) => `${digits(value)}x` },
];

/** The short name of a runtime: `Deno`. */
export function nameOf(runtime: RuntimeResults): string {
  return runtime.label.split(" ")[0]!;
}

/** The machine a runtime was measured on. */
export function hostOf(results: RuntimeResults): Host | undefined {
  return BENCHES.map((bench) => results[bench]?.host).find((host) => host !== undefined);
}

/** Which of the two pools to choose on this runtime, and why. */
export function verdict(runtime: RuntimeResults): { choice: string; reasons: string } {
  const cells = runtime.thread_vs_process?.cells ?? [];
  const won = (side: Cell["winner"]) => cells.filter((cell) => cell.winner === side);
  const [threads, processes, even] = [won("threads"), won("processes"), won("even")];
  const choice = threads.length > processes.length
    ? "threads"
    : processes.length > threads.length
    ? "processes"
    : "either";
  const parts = [
    threads.length > 0 ? `Threads are faster at ${list(threads.map((cell) => compare(cell, "threads")))}.` : "",
    processes.length > 0 ? `Processes are faster at ${list(processes.map((cell) => compare(cell, "processes")))}.` : "",
    even.length > 0 ? `No difference at ${list(even.map((cell) => cell.what))}.` : "",
    sayBreakEven(runtime),
    runtime.id === "deno"
      ? "A busy thread cannot be killed on Deno: run tasks that may need an abort in processes."
      : "",
  ];
  return { choice, reasons: parts.filter(Boolean).join(" ") };
}

/** Says from which size on sending a task pays. */
export function sayBreakEven(runtime: RuntimeResults): string {
  const found = runtime.smallest_task;
  if (found === undefined) return "";
  const largest = found.sizes.at(-1)!.micros;
  const say = (micros: number | null): string => {
    if (micros === null) return `more than ${duration(largest / 1000)}`;
    return micros === 0 ? `less than ${duration(found.sizes[0]!.micros / 1000)}` : `about ${duration(micros / 1000)}`;
  };
  const { threads, processes } = found.breakEven;
  return `Sending a task pays off from ${say(threads)} of work on threads and ${say(processes)} in processes.`;
}

/** Warns if other programs were using the machine; empty if it was idle. */
export function sayBusy(runtimes: readonly RuntimeResults[]): string {
  const busy = runtimes.flatMap((runtime) => {
    const share = Math.max(0, ...Object.values(runtime.busy ?? {}));
    return share < 0.15 ? [] : [`${Math.round(share * 100)}% for ${nameOf(runtime)}`];
  });
  if (busy.length === 0) return "";
  return `Other programs used the machine just before a bench (up to ${
    list(busy)
  }), which distorts speed-ups and latencies.`;
}

/** Says how often each pool wins, and where the difference is largest. */
export function sayScore(runtime: RuntimeResults): string {
  const cells = runtime.thread_vs_process?.cells ?? [];
  const won = (side: Cell["winner"]) => cells.filter((cell) => cell.winner === side).length;
  const score = [
    `threads win ${won("threads")}`,
    `processes ${won("processes")}`,
    ...won("even") > 0 ? [`${won("even")} even`] : [],
  ];
  const gap = (cell: Cell) => Math.max(cell.threads, cell.processes) / Math.min(cell.threads, cell.processes);
  const [widest] = cells.toSorted((a, b) => gap(b) - gap(a));
  if (widest === undefined) return "Not measured.";
  const faster = widest.threads < widest.processes ? "threads" : "processes";
  return `Of ${cells.length} rows, ${score.join(", ")}. The largest difference: ${widest.what}, where ${faster} are ` +
    `${digits(gap(widest))} times as fast.`;
}

/** Compares ours with the best peer of its kind on every runtime, in one figure. */
export function sayAgainstPeers(runtimes: readonly RuntimeResults[], kind: Kind, metric: Metric): string {
  const parts = runtimes.flatMap((runtime) => {
    if (runtime.peers === undefined) return [];
    const [ours, best] = [oursOf(runtime.peers, kind), bestPeer(runtime.peers, kind, metric)];
    if (ours?.figures === undefined || best?.figures === undefined) return [];
    const [own, theirs] = [ours.figures[metric.id], best.figures[metric.id]];
    const factor = metric.better === "longer" ? own / theirs : theirs / own;
    if (metric.id === "speedup") return [`${digits(factor)} of the speed-up of ${best.name} on ${nameOf(runtime)}`];
    const words = factor >= 1 ? `${digits(factor)} times as fast as` : `${digits(1 / factor)} times slower than`;
    return [`${words} ${best.name} on ${nameOf(runtime)}`];
  });
  if (parts.length === 0) return "Not measured.";
  return `Against the best peer, ours ${metric.id === "speedup" ? "reaches" : "is"} ${list(parts)}.`;
}

export function oursOf(peers: PeersResults, kind: Kind): PeerResult | undefined {
  return peers.peers.find((peer) => peer.kind === kind && peer.role === "ours");
}

export function bestPeer(peers: PeersResults, kind: Kind, { id, better }: Metric): PeerResult | undefined {
  const measured = peers.peers.filter((peer) => peer.kind === kind && peer.role === "peer" && peer.figures);
  const value = (peer: PeerResult): number => (peer.figures as Figures)[id];
  return measured.sort((a, b) => better === "longer" ? value(b) - value(a) : value(a) - value(b))[0];
}

/** Says which runtime has the best figure. */
export function sayBestRuntime(entries: readonly { name: string; value: number }[], better: Metric["better"]): string {
  const sorted = entries.toSorted((a, b) => better === "longer" ? b.value - a.value : a.value - b.value);
  const [best, next] = sorted;
  if (best === undefined) return "";
  if (next === undefined) return `${best.name} alone`;
  const factor = Math.max(best.value, next.value) / Math.min(best.value, next.value);
  return factor < 1.05
    ? `${best.name} and ${next.name} lead`
    : `${best.name} leads by a factor of ${digits(factor)} over ${next.name}`;
}

/** Lists peers that hung or failed, without repetitions. */
export function troublesOf(runtime: RuntimeResults): { peer: string; what: string }[] {
  const seen = new Map<string, { peer: string; what: string }>();
  for (const { id, name, kind, troubles } of runtime.peers?.peers ?? []) {
    for (const trouble of troubles) {
      const what = trouble.kind === "does not close"
        ? `${trouble.kind}: ${trouble.reason}`
        : `${trouble.kind} while ${trouble.during}: ${trouble.reason}`;
      const peer = `${name} (${kind === "thread" ? "threads" : "processes"})`;
      seen.set(`${id} ${what}`, { peer, what });
    }
  }
  return [...seen.values()];
}

/** Joins words into a list: "a", "a and b", "a, b and c". */
export function list(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

function compare(cell: Cell, winner: "threads" | "processes"): string {
  const loser = winner === "threads" ? "processes" : "threads";
  return `${cell.what} (${duration(cell[winner])} against ${duration(cell[loser])})`;
}
