// Reads the system's table of connections, because a server may learn of a new connection before the close of an old
// one.

import { readFileSync } from "node:fs";

/** The state of a connection that neither end has closed, in /proc/net/tcp. */
const ESTABLISHED = "01";

/**
 * Returns the client ports of the open connections to a local port, or `undefined` if the system does not list them.
 */
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
