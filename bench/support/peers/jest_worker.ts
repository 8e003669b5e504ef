// jest-worker: methods of one worker file, in threads and in processes (whose default is `advanced` serialization).
import { fileURLToPath } from "node:url";
import { Worker } from "jest-worker";
import type { Kind, Peer } from "./peer.ts";

export const threads: Peer = peer("thread");
export const processes: Peer = peer("process");

interface Methods {
  add(a: number, b: number): Promise<number>;
  echo(bytes: Uint8Array): Promise<Uint8Array>;
  isPrime(n: number): Promise<boolean>;
}

function peer(kind: Kind): Peer {
  return {
    name: "jest-worker",
    kind,
    role: "peer",
    open(workers) {
      const file = fileURLToPath(new URL("../workers/jest_worker.cjs", import.meta.url));
      const pool = new Worker(file, {
        numWorkers: workers,
        enableWorkerThreads: kind === "thread",
        exposedMethods: ["add", "echo", "isPrime"],
      }) as unknown as Worker & Methods;
      return Promise.resolve({
        add: (a, b) => pool.add(a, b),
        echo: (bytes) => pool.echo(bytes),
        isPrime: (n) => pool.isPrime(n),
        close: () => pool.end(),
      });
    },
  };
}
