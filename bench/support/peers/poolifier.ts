// poolifier: fixed pools of threads and of cluster processes. Processes need `advanced` serialization to send bytes.
import { fileURLToPath } from "node:url";
import { FixedClusterPool, FixedThreadPool } from "poolifier";
import type { Peer, Pool } from "./peer.ts";

export const threads: Peer = {
  name: "poolifier",
  kind: "thread",
  role: "peer",
  open(workers) {
    return Promise.resolve(
      wrap(new FixedThreadPool(workers, workerFile("poolifier_thread.mjs"), { errorHandler })),
    );
  },
};

export const processes: Peer = {
  name: "poolifier",
  kind: "process",
  role: "peer",
  open(workers) {
    const settings = { serialization: "advanced" as const };
    const file = workerFile("poolifier_cluster.mjs");
    return Promise.resolve(wrap(new FixedClusterPool(workers, file, { errorHandler, settings })));
  },
};

interface AnyPool {
  execute(data: unknown, name: string): Promise<unknown>;
  destroy(): Promise<void>;
}

function wrap(pool: AnyPool): Pool {
  return {
    add: (a, b) => pool.execute([a, b], "addPair") as Promise<number>,
    echo: (bytes) => pool.execute(bytes, "echo") as Promise<Uint8Array>,
    isPrime: (n) => pool.execute(n, "isPrime") as Promise<boolean>,
    close: () => pool.destroy(),
  };
}

function workerFile(name: string): string {
  return fileURLToPath(new URL(`../workers/${name}`, import.meta.url));
}

function errorHandler(error: unknown): void {
  console.error(error);
}
