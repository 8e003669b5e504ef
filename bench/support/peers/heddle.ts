// Ours: both executors, opened as a user would open them.
import { ProcessPoolExecutor, ThreadPoolExecutor } from "../../../mod.ts";
import { add, echo, isPrime } from "../tasks.ts";
import type { Peer, Pool } from "./peer.ts";

export const threads: Peer = {
  name: "heddle",
  kind: "thread",
  role: "ours",
  open: (workers) => Promise.resolve(wrap(new ThreadPoolExecutor({ maxWorkers: workers }))),
};

export const processes: Peer = {
  name: "heddle",
  kind: "process",
  role: "ours",
  open: (workers) => Promise.resolve(wrap(new ProcessPoolExecutor({ maxWorkers: workers }))),
};

function wrap(pool: ThreadPoolExecutor | ProcessPoolExecutor): Pool {
  return {
    add: (a, b) => pool.submit(add, a, b),
    echo: (bytes) => pool.submit(echo, bytes),
    isPrime: (n) => pool.submit(isPrime, n),
    close: () => pool.shutdown(),
  };
}
