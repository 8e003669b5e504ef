// The lower bound for processes: bare `fork` and `send` with structured clones.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type RawLink, rawPool } from "../raw_pool.ts";
import type { Peer } from "./peer.ts";

export const processes: Peer = {
  name: "raw messages",
  kind: "process",
  role: "raw",
  open: (workers) => Promise.resolve(rawPool(Array.from({ length: workers }, open))),
};

function open(): RawLink {
  const file = fileURLToPath(new URL("../workers/raw_process.mjs", import.meta.url));
  const child = fork(file, [], { serialization: "advanced" });
  return {
    send: (message) => child.send(message),
    onMessage: (receive) => child.on("message", receive as (message: unknown) => void),
    close: () => {
      const closed = new Promise((resolve) => child.once("exit", resolve));
      child.disconnect();
      return closed;
    },
  };
}
