// What the system says about connections: a server may hear of a new one before it hears that an old one was closed.

import { readFileSync } from "node:fs";

/** The state of a connection that neither end has closed, in /proc/net/tcp. */
const ESTABLISHED = "01";

/** The ports of those whose connections to a port of this machine are open; undefined where the system does not say. */
export function openPeers(port: number): Set<number> | undefined {
  let lines: string[];
  try {
    lines = readFileSync("/proc/net/tcp", "utf8").split("\n").slice(1);
  } catch {
    return undefined;
  }
  const local = port.toString(16).toUpperCase().padStart(4, "0");
  const peers = new Set<number>();
  for (const line of lines) {
    const [, from, to, state] = line.trim().split(/\s+/);
    if (state === ESTABLISHED && from!.endsWith(`:${local}`)) peers.add(parseInt(to!.split(":")[1]!, 16));
  }
  return peers;
}
