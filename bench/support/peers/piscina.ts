// piscina: threads only; tasks are named exports of one worker file.
import { Piscina } from "piscina";
import type { Peer } from "./peer.ts";

export const threads: Peer = {
  name: "piscina",
  kind: "thread",
  role: "peer",
  open(workers) {
    const filename = new URL("../workers/exports.mjs", import.meta.url).href;
    const pool = new Piscina({ filename, minThreads: workers, maxThreads: workers });
    return Promise.resolve({
      add: (a, b) => pool.run([a, b], { name: "addPair" }),
      echo: (bytes) => pool.run(bytes, { name: "echo" }),
      isPrime: (n) => pool.run(n, { name: "isPrime" }),
      close: () => pool.destroy(),
    });
  },
};
