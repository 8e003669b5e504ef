// One interface over all libraries that limit calls in one loop.
import Bottleneck from "bottleneck";
import { Throttle } from "../../mod.ts";
import { packageVersion } from "./host.ts";
import { type Gate, LOCK_PEERS, type LockPeer } from "./lock_peers.ts";

/** Limiters that can have thousands of waiters. */
export const CROWD_PEERS: readonly LockPeer[] = [
  { id: "heddle", name: "heddle Throttle", group: "ours", open: (permits) => throttle(permits) },
  { id: "heddle keys", name: "heddle Throttle, ten keys", group: "ours", open: (permits) => throttle(permits, 10) },
  ...LOCK_PEERS.filter(({ id }) => ["p-limit", "p-queue", "async-sema"].includes(id)),
];

/** The same and bottleneck, which takes a minute for 20,000 calls. */
export const CALL_PEERS: readonly LockPeer[] = [
  ...CROWD_PEERS,
  { id: "bottleneck", name: "bottleneck", version: packageVersion("bottleneck"), group: "peer", open: bottleneck },
];

function throttle(limit: number, keys = 0): Gate {
  const throttle = new Throttle({ limit });
  let turn = 0;
  const options = () => keys === 0 ? undefined : { key: `host ${turn++ % keys}` };
  return {
    async passes(times) {
      for (let i = 0; i < times; i++) await throttle.run(nothing, options());
    },
    run: (inside) => throttle.run(inside, options()),
    ...keys === 0 ? { runUnless: (signal, inside) => throttle.run(inside, { signal }) } : {},
  };
}

function bottleneck(maxConcurrent: number): Gate {
  const limiter = new Bottleneck({ maxConcurrent });
  return {
    async passes(times) {
      for (let i = 0; i < times; i++) await limiter.schedule(() => Promise.resolve());
    },
    run: (inside) => limiter.schedule(async () => await inside()),
  };
}

function nothing(): void {}
