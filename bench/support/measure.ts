// The four measurements of a pool, each short so that pools can take turns often; each checks the answers it times.
import { median, timed } from "./stats.ts";
import type { Pool } from "./peers/peer.ts";

/** The amount of work to measure. */
export interface Plan {
  readonly workers: number;
  readonly inFlight: number;
  readonly echoBytes: number;
  readonly primes: number;
  /** A prime whose check takes about 20 ms here. */
  readonly prime: number;
  /** The time of one measurement in one round, in milliseconds, beyond its minimum of samples. */
  readonly budget: number;
}

/** The figures of one pool in one round. */
export interface Figures {
  /** Tiny tasks per second, many in flight. */
  throughput: number;
  /** Microseconds from a tiny task to its answer, one at a time. */
  latency: number;
  /** Milliseconds for 1 MiB there and back, and the same by raw messages in the same process immediately before or after. */
  echo: number;
  echoRaw: number;
  /** The speed-up of computing on all workers over one raw worker, the same for raw workers, and raw time divided by ours. */
  speedup: number;
  speedupRaw: number;
  speedupOfRaw: number;
}

/** The measurements of each round, in this order. */
export const MEASURES = ["throughput", "latency", "echo", "speedup"] as const;
export type Measure = (typeof MEASURES)[number];

/** Throws if the pool gives a wrong answer. */
export async function checkAnswers(pool: Pool, plan: Plan): Promise<void> {
  const sums = await Promise.all([pool.add(1, 2), pool.add(-5, 5), pool.add(2 ** 40, 0.5)]);
  expect("add", sums.join(), `3,0,${2 ** 40 + 0.5}`);
  const bytes = pattern(plan.echoBytes);
  const before = checksum(bytes);
  const back = await pool.echo(bytes);
  if (!(back instanceof Uint8Array)) throw new TypeError("Wrong answer: echo did not return a Uint8Array");
  expect("echo of bytes", `${back.length}:${checksum(back)}`, `${plan.echoBytes}:${before}`);
  expect("caller's bytes after echo", `${bytes.length}:${checksum(bytes)}`, `${plan.echoBytes}:${before}`);
  const primes = await Promise.all(
    [1, 2, 91, 97, 1_000_003, 1_000_001, plan.prime].map((n) => pool.isPrime(n)),
  );
  expect("isPrime", primes.join(), "false,true,false,true,true,false,true");
}

/** Runs everything until the compilers have optimized it. */
export async function warmUp(pool: Pool, plan: Plan): Promise<void> {
  for (let i = 0; i < 3; i++) await flood(pool, plan.inFlight);
  for (let i = 0; i < plan.inFlight / 10; i++) await pool.add(i, 1);
}

export async function measureThroughput(pool: Pool, plan: Plan): Promise<Partial<Figures>> {
  const samples = await repeat(plan.budget, 2, () => flood(pool, plan.inFlight));
  return { throughput: plan.inFlight / (median(samples) / 1000) };
}

/** Measures one short burst; a round has several, see `bench/support/rounds.ts`. */
export async function measureLatency(pool: Pool, plan: Plan): Promise<Partial<Figures>> {
  for (let i = 0; i < 50; i++) await pool.add(i, 1);
  const samples = await repeat(plan.budget / 4, 50, () => pool.add(1, 1));
  return { latency: median(samples) * 1000 };
}

/**
 * Alternates echoes through the pool and through raw messages, so that both see the same load. The first half of the time is for
 * warming up: until the heaps have reached their size, the system's memory allocation dominates.
 */
export async function measureEcho(pool: Pool, raw: Pool, plan: Plan): Promise<Partial<Figures>> {
  const bytes = pattern(plan.echoBytes);
  let bare: number[] = [];
  const rawToo = async () => void bare.push(await timed(() => raw.echo(bytes)));
  await repeat(plan.budget * 2, 2, () => pool.echo(bytes), rawToo);
  bare = [];
  const own = await repeat(plan.budget * 2, 3, () => pool.echo(bytes), rawToo);
  return { echo: median(own), echoRaw: median(bare) };
}

/** Computes on one raw worker, on raw workers and on the pool, alternately. */
export async function measureSpeedup(
  pool: Pool,
  raw: Pool,
  rawOne: Pool,
  plan: Plan,
): Promise<Partial<Figures>> {
  const one: number[] = [];
  const bare: number[] = [];
  for (const each of [rawOne, raw, pool]) await each.isPrime(plan.prime);
  const own = await repeat(plan.budget, 1, () => compute(pool, plan), async () => {
    bare.push(await timed(() => compute(raw, plan)));
    one.push(await timed(() => compute(rawOne, plan)));
  });
  return {
    speedup: median(one) / median(own),
    speedupRaw: median(one) / median(bare),
    speedupOfRaw: median(own.map((time, i) => bare[i]! / time)),
  };
}

/** Times a run until the budget is spent, at least `least` times; the run to compare with goes in between. */
async function repeat(
  budget: number,
  least: number,
  run: () => PromiseLike<unknown>,
  between?: () => Promise<unknown>,
): Promise<number[]> {
  const samples: number[] = [];
  for (const until = performance.now() + budget; samples.length < least || performance.now() < until;) {
    samples.push(await timed(run));
    await between?.();
  }
  return samples;
}

async function flood(pool: Pool, count: number): Promise<void> {
  const answers = new Array<PromiseLike<number>>(count);
  for (let i = 0; i < count; i++) answers[i] = pool.add(i, 1);
  let sum = 0;
  for (const answer of await Promise.all(answers)) sum += answer;
  expect("sum of all answers", sum, count * (count + 1) / 2);
}

async function compute(pool: Pool, plan: Plan): Promise<void> {
  const answers = await Promise.all(Array.from({ length: plan.primes }, () => pool.isPrime(plan.prime)));
  expect("primes found", answers.filter(Boolean).length, plan.primes);
}

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255);
}

function checksum(bytes: Uint8Array): number {
  let sum = 17;
  for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) | 0;
  return sum;
}

function expect(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`Wrong answer: ${what} is ${actual}, not ${expected}`);
}
