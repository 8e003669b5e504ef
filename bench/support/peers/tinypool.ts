// tinypool: a smaller relative of piscina, in threads and in processes. Its processes send bytes directly only on Node: its
// `advanced` mode does not start on Deno and Bun, where bytes are sent as a list of numbers.
import { Tinypool } from "tinypool";
import { host } from "../host.ts";
import type { Peer, Pool } from "./peer.ts";

const filename: string = new URL("../workers/exports.mjs", import.meta.url).href;

export const threads: Peer = {
  name: "tinypool",
  kind: "thread",
  role: "peer",
  open(workers) {
    const pool = new Tinypool({
      filename,
      runtime: "worker_threads",
      minThreads: workers,
      maxThreads: workers,
    });
    return Promise.resolve({ ...methods(pool), echo: (bytes) => pool.run(bytes, { name: "echo" }) });
  },
};

export const processes: Peer = {
  name: "tinypool",
  kind: "process",
  role: "peer",
  open(workers) {
    const serialization = host().runtime === "node" ? "advanced" : "json";
    const pool = new Tinypool({
      filename,
      runtime: "child_process",
      minThreads: workers,
      maxThreads: workers,
      serialization,
    });
    async function echo(bytes: Uint8Array): Promise<Uint8Array> {
      if (serialization === "advanced") return await pool.run(bytes, { name: "echo" });
      return Uint8Array.from(await pool.run(Array.from(bytes), { name: "echo" }) as number[]);
    }
    return Promise.resolve({ ...methods(pool), echo });
  },
};

function methods(pool: Tinypool): Omit<Pool, "echo"> {
  return {
    add: (a, b) => pool.run([a, b], { name: "addPair" }),
    isPrime: (n) => pool.run(n, { name: "isPrime" }),
    close: () => pool.destroy(),
  };
}
