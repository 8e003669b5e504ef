// workerpool: registered functions, in threads and in processes. Processes need `advanced` serialization to send bytes.
import { fileURLToPath } from "node:url";
import workerpool from "workerpool";
import type { Kind, Peer } from "./peer.ts";

export const threads: Peer = peer("thread");
export const processes: Peer = peer("process");

function peer(kind: Kind): Peer {
  return {
    name: "workerpool",
    kind,
    role: "peer",
    open(workers) {
      const script = fileURLToPath(new URL("../workers/workerpool.mjs", import.meta.url));
      const pool = workerpool.pool(script, {
        workerType: kind,
        minWorkers: workers,
        maxWorkers: workers,
        ...(kind === "process" ? { forkOpts: { serialization: "advanced" } } : {}),
      });
      return Promise.resolve({
        add: (a, b) => pool.exec("add", [a, b]),
        echo: (bytes) => pool.exec("echo", [bytes]),
        isPrime: (n) => pool.exec("isPrime", [n]),
        close: () => Promise.resolve(pool.terminate() as unknown),
      });
    },
  };
}
