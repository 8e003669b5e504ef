// One interface over all pools compared. Adapters load on demand, so that a peer that fails to load affects no other pool.

import type { Kind, Peer, Role } from "./peers/peer.ts";

/** A pool's entry in the list, which can be shown without loading the pool. */
export interface Entry {
  readonly id: string;
  readonly name: string;
  readonly kind: Kind;
  readonly role: Role;
  /** The package from whose metadata the version is read, if the pool is a package. */
  readonly packageName?: string;
  load(): Promise<Peer>;
}

export const ENTRIES: readonly Entry[] = [
  entry("heddle", "thread", "ours", async () => (await import("./peers/heddle.ts")).threads),
  entry("piscina", "thread", "peer", async () => (await import("./peers/piscina.ts")).threads),
  entry("tinypool", "thread", "peer", async () => (await import("./peers/tinypool.ts")).threads),
  entry("workerpool", "thread", "peer", async () => (await import("./peers/workerpool.ts")).threads),
  entry("poolifier", "thread", "peer", async () => (await import("./peers/poolifier.ts")).threads),
  entry("multithreading", "thread", "peer", async () => (await import("./peers/multithreading.ts")).threads),
  entry("jest-worker", "thread", "peer", async () => (await import("./peers/jest_worker.ts")).threads),
  entry("raw messages", "thread", "raw", async () => (await import("./peers/raw_threads.ts")).threads),
  entry("heddle", "process", "ours", async () => (await import("./peers/heddle.ts")).processes),
  entry("tinypool", "process", "peer", async () => (await import("./peers/tinypool.ts")).processes),
  entry("workerpool", "process", "peer", async () => (await import("./peers/workerpool.ts")).processes),
  entry("poolifier", "process", "peer", async () => (await import("./peers/poolifier.ts")).processes),
  entry("jest-worker", "process", "peer", async () => (await import("./peers/jest_worker.ts")).processes),
  entry("raw messages", "process", "raw", async () => (await import("./peers/raw_processes.ts")).processes),
];

/** The bare-message baseline of a kind: the machine's speed without a pool. */
export async function rawOf(kind: Kind): Promise<Peer> {
  return await findEntry(`raw messages ${kind}`).load();
}

export function findEntry(id: string): Entry {
  const found = ENTRIES.find((candidate) => candidate.id === id);
  if (found === undefined) throw new RangeError(`Cannot find a peer with the id '${id}'`);
  return found;
}

function entry(name: string, kind: Kind, role: Role, load: () => Promise<Peer>): Entry {
  return { id: `${name} ${kind}`, name, kind, role, packageName: role === "peer" ? name : undefined, load };
}
