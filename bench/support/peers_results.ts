// The results of `bench/peers`, as written to JSON and read by the report.
import type { PythonFigures } from "./cpython.ts";
import { type Host, packageVersion } from "./host.ts";
import { type Figures, MEASURES, type Plan } from "./measure.ts";
import type { Kind, Role } from "./peers/peer.ts";
import type { PeerRecord, Trouble } from "./rounds.ts";
import { median } from "./stats.ts";

export type Status = "ok" | "hangs" | "fails";

export interface PeerResult {
  readonly id: string;
  readonly name: string;
  readonly kind: Kind;
  readonly role: Role;
  readonly version?: string;
  /** `ok` if at least one round gave figures. */
  readonly status: Status;
  readonly troubles: readonly Trouble[];
  readonly roundsMeasured: number;
  /** Medians over rounds. */
  readonly figures?: Figures;
  readonly rounds: readonly (Figures | null)[];
}

export interface PythonResult {
  readonly version: string;
  readonly figures: PythonFigures;
  readonly rounds: readonly PythonFigures[];
}

export interface PeersResults {
  readonly bench: "peers";
  readonly host: Host;
  readonly quick: boolean;
  readonly plan: Plan;
  readonly peers: readonly PeerResult[];
  readonly python?: PythonResult;
  readonly targets: readonly Target[];
}

/** A performance target of the project. */
export interface Target {
  readonly kind: Kind;
  readonly figure: "throughput" | "latency" | "echo" | "speedup";
  readonly what: string;
  readonly peer: string;
  /** Ours divided by the peer's, the median over rounds. */
  readonly ratio: number;
  readonly bound: "at least" | "at most";
  readonly limit: number;
  readonly met: boolean;
}

export function toResult(record: PeerRecord): PeerResult {
  const { entry, troubles } = record;
  const rounds = record.figures.map((figures) => isComplete(figures) ? figures : null);
  const measured = rounds.filter((figures) => figures !== null);
  const worst = troubles.find(({ kind }) => kind !== "does not close")?.kind as Status | undefined;
  return {
    id: entry.id,
    name: entry.name,
    kind: entry.kind,
    role: entry.role,
    version: entry.packageName === undefined ? undefined : packageVersion(entry.packageName),
    status: measured.length > 0 ? "ok" : worst ?? "fails",
    troubles,
    roundsMeasured: measured.length,
    figures: measured.length > 0 ? mediansOf(measured) : undefined,
    rounds,
  };
}

function isComplete(figures: Partial<Figures>): figures is Figures {
  return MEASURES.every((measure) => figures[measure] !== undefined);
}

/** The median of every figure over several rounds. */
export function mediansOf<T extends object>(rounds: readonly T[]): T {
  const keys = Object.keys(rounds[0]!) as (keyof T)[];
  return Object.fromEntries(keys.map((key) => [key, median(rounds.map((round) => Number(round[key])))])) as T;
}
