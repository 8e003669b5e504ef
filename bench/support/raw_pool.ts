// A minimal pool: one message per task, workers taken in turn, nothing else. Both baselines use it.
import type { Pool } from "./peers/peer.ts";

/** Our end of a worker that answers `[id, method, ...args]` with `[id, value]`. */
export interface RawLink {
  send(message: unknown[]): void;
  onMessage(receive: (message: [number, unknown]) => void): void;
  close(): Promise<unknown>;
}

export function rawPool(links: readonly RawLink[]): Pool {
  const pending = new Map<number, (value: never) => void>();
  let next = 0;
  for (const link of links) {
    link.onMessage(([id, value]) => {
      const resolve = pending.get(id)!;
      pending.delete(id);
      resolve(value as never);
    });
  }
  function call<T>(method: string, ...args: unknown[]): Promise<T> {
    const id = next++;
    links[id % links.length]!.send([id, method, ...args]);
    return new Promise<T>((resolve) => pending.set(id, resolve));
  }
  return {
    add: (a, b) => call<number>("add", a, b),
    echo: (bytes) => call<Uint8Array>("echo", bytes),
    isPrime: (n) => call<boolean>("isPrime", n),
    close: () => Promise.all(links.map((link) => link.close())),
  };
}
