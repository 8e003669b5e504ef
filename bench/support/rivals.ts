// One interface over every pool that is compared. Adapters load on demand: a peer that breaks on import breaks alone.

/** An open pool, its workers started or startable. */
export interface Pool {
  add(a: number, b: number): PromiseLike<number>;
  echo(bytes: Uint8Array): PromiseLike<Uint8Array>;
  isPrime(n: number): PromiseLike<boolean>;
  close(): PromiseLike<unknown>;
}

export type Kind = "thread" | "process";

/** What a rival is to the verdict: ours, a peer to be compared with, or the floor that bare messages set. */
export type Role = "ours" | "peer" | "raw";

export interface Rival {
  readonly name: string;
  readonly kind: Kind;
  readonly role: Role;
  open(workers: number): Promise<Pool>;
}

/** A rival's place in the line: enough to show it without loading it. */
export interface Entry {
  readonly id: string;
  readonly name: string;
  readonly kind: Kind;
  readonly role: Role;
  /** Reads the version from this package, when it is one. */
  readonly packageName?: string;
  load(): Promise<Rival>;
}

export const ENTRIES: readonly Entry[] = [
  entry("heddle", "thread", "ours", async () => (await import("./rivals/heddle.ts")).threads),
  entry("piscina", "thread", "peer", async () => (await import("./rivals/piscina.ts")).threads),
  entry("tinypool", "thread", "peer", async () => (await import("./rivals/tinypool.ts")).threads),
  entry("workerpool", "thread", "peer", async () => (await import("./rivals/workerpool.ts")).threads),
  entry("poolifier", "thread", "peer", async () => (await import("./rivals/poolifier.ts")).threads),
  entry("multithreading", "thread", "peer", async () => (await import("./rivals/multithreading.ts")).threads),
  entry("jest-worker", "thread", "peer", async () => (await import("./rivals/jest_worker.ts")).threads),
  entry("raw messages", "thread", "raw", async () => (await import("./rivals/raw_threads.ts")).threads),
  entry("heddle", "process", "ours", async () => (await import("./rivals/heddle.ts")).processes),
  entry("tinypool", "process", "peer", async () => (await import("./rivals/tinypool.ts")).processes),
  entry("workerpool", "process", "peer", async () => (await import("./rivals/workerpool.ts")).processes),
  entry("poolifier", "process", "peer", async () => (await import("./rivals/poolifier.ts")).processes),
  entry("jest-worker", "process", "peer", async () => (await import("./rivals/jest_worker.ts")).processes),
  entry("raw messages", "process", "raw", async () => (await import("./rivals/raw_processes.ts")).processes),
];

/** The bare-message baseline of a kind: what the machine gives when nobody adds anything. */
export async function rawOf(kind: Kind): Promise<Rival> {
  return await findEntry(`raw messages ${kind}`).load();
}

export function findEntry(id: string): Entry {
  const found = ENTRIES.find((candidate) => candidate.id === id);
  if (found === undefined) throw new RangeError(`No rival has the id '${id}'`);
  return found;
}

function entry(name: string, kind: Kind, role: Role, load: () => Promise<Rival>): Entry {
  return { id: `${name} ${kind}`, name, kind, role, packageName: role === "peer" ? name : undefined, load };
}
