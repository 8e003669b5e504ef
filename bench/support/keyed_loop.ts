// Measures calls with a key under a rate, a circuit breaker and a lock, with ten keys in turn.
import AsyncLock from "async-lock";
import Bottleneck from "bottleneck";
import * as cockatiel from "cockatiel";
import Opossum from "opossum";
import pThrottle from "p-throttle";
import { KeyedLock, Throttle } from "../../mod.ts";
import { duel, type DuelOptions } from "./duel.ts";
import { packageVersion } from "./host.ts";
import { count } from "./print.ts";
import { type Doer, rowsOf, type Sheet } from "./sheets.ts";
import { timed } from "./stats.ts";

/** Calls a function under a key. */
type Call = (key: string, fn: () => Promise<unknown>) => Promise<unknown>;
/** A contender, which opens a new limiter for the check and for the measurement. */
interface Contender extends Doer {
  open(): Call;
}

const KEYS = Array.from({ length: 10 }, (_, i) => `host ${i}`);
/** A rate that is never reached, as only the cost of the call is measured. */
const RATE = { limit: 10_000_000, interval: 1_000 };

/** Calls with a key and a rate, one after another. */
export async function callingAtRate(calls: number, options: DuelOptions): Promise<Sheet> {
  const rated = (rate: typeof RATE): Contender[] => [
    { id: "heddle", name: "heddle Throttle", group: "ours", open: () => ours(new Throttle({ perKey: { rate } })) },
    peer("p-throttle", () => byKey(() => pThrottle(rate)((fn: () => Promise<unknown>) => fn()))),
    peer("bottleneck", () => {
      // bottleneck accepts no shorter interval.
      const refresh = { reservoirRefreshAmount: rate.limit, reservoirRefreshInterval: Math.max(250, rate.interval) };
      const group = new Bottleneck.Group({ reservoir: rate.limit, ...refresh });
      return (key, fn) => group.key(key).schedule(fn);
    }),
  ];
  for (const { id, open } of rated({ limit: 5, interval: 250 })) await checkRate(id, open());
  return await sheet("key_rate", "A call with a key and a rate", rated(RATE), calls, options);
}

/** Calls through a circuit breaker that is closed, one after another. */
export async function callingThroughBreaker(calls: number, options: DuelOptions): Promise<Sheet> {
  const breaker = { failureRate: 0.5, window: 10_000, minCalls: 10, cooldown: 60_000 };
  const contenders: Contender[] = [
    { id: "heddle", name: "heddle Throttle", group: "ours", open: () => ours(new Throttle({ breaker })) },
    peer("cockatiel", () =>
      byKey(() => {
        const { circuitBreaker, handleAll, SamplingBreaker } = cockatiel;
        const sampling = new SamplingBreaker({ threshold: 0.5, duration: 10_000, minimumRps: 1 });
        const policy = circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker: sampling });
        return (fn) => policy.execute(fn);
      })),
    peer("opossum", () =>
      byKey(() => {
        const circuit = new Opossum((fn: () => Promise<unknown>) => fn(), {
          errorThresholdPercentage: 50,
          resetTimeout: 60_000,
          rollingCountTimeout: 10_000,
          volumeThreshold: 10,
          timeout: false,
        });
        return (fn) => circuit.fire(fn);
      })),
  ];
  for (const { id, open } of contenders) await checkBreaker(id, open());
  return await sheet("breaker", "A call through a circuit breaker", contenders, calls, options);
}

/** Calls that hold a key, one after another or all at once. */
export async function lockingKeys(calls: number, atOnce: boolean, options: DuelOptions): Promise<Sheet> {
  const contenders: Contender[] = [
    {
      id: "heddle",
      name: "heddle KeyedLock",
      group: "ours",
      open: () => {
        const lock = new KeyedLock();
        return (key, fn) => lock.run(key, fn);
      },
    },
    peer("async-lock", () => {
      const lock = new AsyncLock({ maxPending: Infinity });
      return (key: string, fn: () => Promise<unknown>) => lock.acquire(key, fn);
    }),
  ];
  for (const { id, open } of contenders) await checkLock(id, open());
  return atOnce
    ? await sheet("keyed_crowd", `${count(calls)} calls wait for ten keyed locks`, contenders, calls, options, true)
    : await sheet("keyed_lock", "A call that holds a keyed lock", contenders, calls, options);
}

function ours(throttle: Throttle): Call {
  return (key, fn) => throttle.run(fn, { key });
}

function peer(name: string, open: () => Call): Contender {
  return { id: name, name, version: packageVersion(name), group: "peer", open };
}

/** Gives a contender without keys one object per key. */
function byKey(make: () => (fn: () => Promise<unknown>) => Promise<unknown>): Call {
  const calls = new Map(KEYS.map((key) => [key, make()]));
  return (key, fn) => calls.get(key)!(fn);
}

async function sheet(
  id: string,
  title: string,
  contenders: readonly Contender[],
  calls: number,
  options: DuelOptions,
  atOnce = false,
): Promise<Sheet> {
  const uses = contenders.map(({ id, open }) => {
    const call = open();
    const work = () => Promise.resolve();
    const oneByOne = async () => {
      for (let i = 0; i < calls; i++) await call(KEYS[i % KEYS.length]!, work);
    };
    const all = () => Promise.all(Array.from({ length: calls }, (_, i) => call(KEYS[i % KEYS.length]!, work)));
    return [id, atOnce ? all : oneByOne] as const;
  });
  for (const [, use] of uses) {
    // Let the compilers optimize first.
    const until = performance.now() + options.budget * 3;
    do await use(); while (performance.now() < until);
  }
  const times = await duel(Object.fromEntries(uses.map(([id, use]) => [id, () => timed(use)])), options);
  return {
    id,
    title,
    hint: atOnce
      ? "In one loop; the time of one of them, which does nothing."
      : "In one loop, one after another, ten keys in turn.",
    rows: rowsOf(contenders, Object.fromEntries(Object.entries(times).map(([id, time]) => [id, time / calls]))),
  };
}

async function checkRate(id: string, call: Call): Promise<void> {
  const start = performance.now();
  await Promise.all(Array.from({ length: 6 }, () => call(KEYS[0]!, () => Promise.resolve())));
  if (performance.now() - start < 200) throw new Error(`Wrong answer: ${id} started six calls in the time of five`);
}

async function checkBreaker(id: string, call: Call): Promise<void> {
  let made = 0;
  const fail = () => (made++, Promise.reject(new Error("down")));
  for (let i = 0; i < 50; i++) await call(KEYS[0]!, fail).catch(() => {});
  if (made === 50) throw new Error(`Wrong answer: the breaker of ${id} does not open`);
  if (await call(KEYS[1]!, () => Promise.resolve("up")) !== "up") {
    throw new Error(`Wrong answer: ${id} rejects another key`);
  }
}

async function checkLock(id: string, call: Call): Promise<void> {
  let inside = 0;
  await Promise.all(Array.from({ length: 5 }, () =>
    call(KEYS[0]!, async () => {
      if (++inside > 1) throw new Error(`Wrong answer: ${id} lets two in`);
      await Promise.resolve();
      inside--;
    })));
}
