// Compares our figures with the performance targets. Takes ratios round by round, when both sides saw the same load; their
// median counts.
import type { PeerResult, PythonResult, Target } from "./peers_results.ts";
import type { Kind } from "./peers/peer.ts";
import { median } from "./stats.ts";

export function judge(peers: readonly PeerResult[], python: PythonResult | undefined): Target[] {
  return (["thread", "process"] as const).flatMap((kind) => judgeKind(kind, peers, python));
}

function judgeKind(kind: Kind, peers: readonly PeerResult[], python: PythonResult | undefined): Target[] {
  const ours = peers.find((peer) => peer.kind === kind && peer.role === "ours" && peer.figures !== undefined);
  if (ours === undefined) return [];
  const others = peers.filter((peer) => peer.kind === kind && peer.role === "peer" && peer.figures !== undefined);
  const targets: Target[] = [];
  if (others.length > 0) {
    const fastest = others.reduce((a, b) => a.figures!.throughput >= b.figures!.throughput ? a : b);
    const quickest = others.reduce((a, b) => a.figures!.latency <= b.figures!.latency ? a : b);
    targets.push(
      target(
        kind,
        "throughput",
        "tiny tasks in flight, tasks per second",
        fastest.name,
        "at least",
        3,
        ratio(ours, fastest, "throughput"),
      ),
      target(
        kind,
        "latency",
        "tiny tasks one at a time, time",
        quickest.name,
        "at most",
        1,
        ratio(ours, quickest, "latency"),
      ),
    );
  }
  if (kind === "thread") {
    const echo = median(measured(ours).map((round) => round.echo / round.echoRaw));
    targets.push(target(kind, "echo", "1 MiB there and back, time", "raw messages", "at most", 1, echo));
  } else if (python !== undefined) {
    const echo = median(
      ours.rounds.flatMap((round, i) => round === null ? [] : [round.echo / (python.rounds[i] ?? python.figures).echo]),
    );
    targets.push(target(kind, "echo", "1 MiB there and back, time", "CPython", "at most", 1, echo));
  }
  const speedup = median(measured(ours).map((round) => round.speedupOfRaw));
  targets.push(
    target(kind, "speedup", "computing on two workers, speed-up", "raw messages", "at least", 0.95, speedup),
  );
  return targets;
}

function ratio(ours: PeerResult, theirs: PeerResult, figure: "throughput" | "latency"): number {
  return median(ours.rounds.flatMap((round, i) => {
    const other = theirs.rounds[i];
    return round === null || other === null || other === undefined ? [] : [round[figure] / other[figure]];
  }));
}

function measured(result: PeerResult) {
  return result.rounds.filter((round) => round !== null);
}

function target(
  kind: Kind,
  figure: Target["figure"],
  what: string,
  peer: string,
  bound: Target["bound"],
  limit: number,
  exact: number,
): Target {
  const rounded = Math.round(exact * 100) / 100;
  return {
    kind,
    figure,
    what,
    peer,
    ratio: rounded,
    bound,
    limit,
    met: bound === "at least" ? rounded >= limit : rounded <= limit,
  };
}
