// The lower bound for threads: bare `postMessage`. On Deno it uses Deno's own Worker, which sends bytes about fifty times as fast
// as its `node:worker_threads`: the baseline is the fastest way of each runtime.
import { Worker as NodeWorker } from "node:worker_threads";
import { type RawLink, rawPool } from "../raw_pool.ts";
import type { Peer } from "./peer.ts";

export const threads: Peer = {
  name: "raw messages",
  kind: "thread",
  role: "raw",
  open(workers) {
    const open = "Deno" in globalThis ? openWeb : openNode;
    return Promise.resolve(rawPool(Array.from({ length: workers }, open)));
  },
};

function openNode(): RawLink {
  const worker = new NodeWorker(new URL("../workers/raw_thread.mjs", import.meta.url));
  return {
    send: (message) => worker.postMessage(message),
    onMessage: (receive) => worker.on("message", receive),
    close: () => worker.terminate(),
  };
}

function openWeb(): RawLink {
  const worker = new Worker(new URL("../workers/raw_web.mjs", import.meta.url), { type: "module" });
  return {
    send: (message) => worker.postMessage(message),
    onMessage: (receive) => {
      worker.onmessage = (event) => receive(event.data);
    },
    close: () => Promise.resolve(worker.terminate()),
  };
}
