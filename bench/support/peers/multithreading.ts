// multithreading: sends functions as source. It moves arguments, so the echo copies first: the caller keeps its bytes, as with
// every other pool.
import { initRuntime, move, shutdown, spawn } from "multithreading";
import * as work from "../work.ts";
import type { Peer } from "./peer.ts";

export const threads: Peer = {
  name: "multithreading",
  kind: "thread",
  role: "peer",
  open(workers) {
    initRuntime({ maxWorkers: workers });
    return Promise.resolve({
      add: (a, b) => unwrap(spawn(move(a, b), work.add).join()),
      echo: (bytes) => unwrap(spawn(move(bytes.slice()), work.echo as never).join() as Promise<Result<Uint8Array>>),
      isPrime: (n) => unwrap(spawn(move(n), work.isPrime).join()),
      close: () => Promise.resolve(shutdown()),
    });
  },
};

type Result<T> = { ok: true; value: T } | { ok: false; error: Error };

async function unwrap<T>(joined: Promise<Result<T>>): Promise<T> {
  const result = await joined;
  if (!result.ok) throw result.error;
  return result.value;
}
