// Prints the results of `bench/peers`: a table per kind, then the performance targets.
import type { PeerResult, PeersResults } from "./peers_results.ts";
import { count, digits, table } from "./print.ts";
import type { Kind } from "./peers/peer.ts";

export function printPeers(results: PeersResults): void {
  const { host, plan } = results;
  console.log(`\n${host.runtime} ${host.version}, ${host.cpu}, ${host.cores} cores; ${plan.workers} workers`);
  for (const kind of ["thread", "process"] as const) printKind(kind, results);
  printTargets(results);
}

function printKind(kind: Kind, { peers, python }: PeersResults): void {
  const rows = peers.filter((peer) => peer.kind === kind).map(row);
  if (kind === "process") {
    const figures = python?.figures;
    rows.push(
      figures === undefined ? ["CPython", "absent", "", "", "", ""] : [
        `CPython ${python!.version}`,
        count(figures.throughput),
        digits(figures.latency),
        digits(figures.echo),
        "",
        "",
      ],
    );
  }
  if (rows.length === 0) return;
  const header = [
    kind === "thread" ? "threads" : "processes",
    "in flight, tasks/s",
    "one by one, us",
    "1 MiB, ms",
    "speed-up",
    "of raw",
  ];
  console.log(`\n${table([header, ...rows])}`);
  for (const peer of peers.filter((peer) => peer.kind === kind)) {
    for (const { kind, during, reason } of peer.troubles) {
      console.log(`  ${peer.name} ${kind} while ${during}: ${reason}`);
    }
  }
}

function row({ name, version, status, figures }: PeerResult): string[] {
  const label = version === undefined ? name : `${name} ${version}`;
  if (figures === undefined) return [label, status, "", "", "", ""];
  return [
    label,
    count(figures.throughput),
    digits(figures.latency),
    digits(figures.echo),
    digits(figures.speedup),
    digits(figures.speedupOfRaw),
  ];
}

function printTargets({ targets }: PeersResults): void {
  if (targets.length === 0) return;
  const rows = targets.map((target) => [
    `${target.kind} ${target.what}`,
    `vs ${target.peer}`,
    digits(target.ratio),
    `${target.bound} ${target.limit}`,
    target.met ? "met" : "MISSED",
  ]);
  console.log(
    `\n${table([["ours against the best peer", "peer", "ratio", "target", ""], ...rows])}`,
  );
}
