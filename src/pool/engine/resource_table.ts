/**
 * The state of resources that pools share.
 *
 * @module
 */

import { DeadlockError } from "../../core/errors.ts";
import { unknownOption } from "../../core/options.ts";
import type { SubmitOptions } from "../../futures/executor.ts";
import { runtime } from "../../runtime/mod.ts";
import { now } from "../../time/system_clock.ts";
import { priorityAt } from "./job_line.ts";
import { type Need, needOf } from "./need.ts";
import type { Job } from "./job.ts";

/** The capacity and the free amount of each resource, and the waiting jobs for which resources are kept. */
export class ResourceTable {
  readonly #capacities: ReadonlyMap<string, number>;
  readonly #available: Map<string, number>;
  /** The first waiting job of each pool, in the order in which they began to wait: their kinds are kept for them. */
  readonly #first = new Set<Job>();
  /** Called when jobs of a pool may be able to start. */
  readonly #pools = new Set<() => void>();
  #telling = false;
  /** Changes when jobs may be able to start that were not before. */
  version = 0;

  constructor(capacities: Iterable<readonly [name: string, amount: number]>) {
    this.#capacities = new Map(capacities);
    this.#available = new Map(this.#capacities);
  }

  /** The free amounts of all resources. */
  get free(): Record<string, number> {
    return Object.fromEntries(this.#available);
  }

  /** Returns the free amount of a resource. Throws if there is no such resource. */
  available(what: string, name: string): number {
    const available = this.#available.get(name);
    if (available === undefined) throw unknownOption(what, name, new Set(this.#capacities.keys()));
    return available;
  }

  /** Throws if a need names an unknown resource. */
  checkNames(what: string, need: Need): void {
    for (const [name] of need.amounts) this.available(what, name);
  }

  /** Throws if a need can never be met. */
  checkAmounts(need: Need): void {
    for (const [name, amount] of need.amounts) {
      const most = this.#capacities.get(name)!;
      if (amount <= most) continue;
      throw new RangeError(`Cannot submit as 'resources.${name}' must be at most ${most}: current value is ${amount}`);
    }
  }

  /** Whether a job can start: all it needs is free, and none of it is kept for a job that comes before. */
  fits(job: Job): boolean {
    const need = needOf(job)!;
    if (!this.#isFree(need)) return false;
    if (this.#first.size === 0) return true;
    const time = now();
    const priority = priorityAt(job, time);
    const kept = new Set<string>();
    for (const other of [...this.#first].sort((a, b) => priorityAt(b, time) - priorityAt(a, time))) {
      if (other === job || priorityAt(other, time) < priority) break;
      const kinds = needOf(other)!.amounts;
      // A job that waits behind another one is not the first in line.
      if (!kinds.some(([name]) => kept.has(name))) kinds.forEach(([name]) => kept.add(name));
    }
    return !need.amounts.some(([name]) => kept.has(name));
  }

  /** Takes all that is needed. */
  take(need: Need): void {
    for (const [name, amount] of need.amounts) this.#available.set(name, this.#available.get(name)! - amount);
  }

  /** Takes all that is needed ahead of all waiting jobs, for a caller that blocks the loop. */
  takeNow(what: string, need: Need): void {
    if (!this.#isFree(need)) {
      throw new DeadlockError(`${what}: what it needs is in use, and is given back by the thread that would block`);
    }
    this.take(need);
  }

  /** Releases the amounts of a need. */
  giveBack(need: Need): void {
    for (const [name, amount] of need.amounts) this.#available.set(name, this.#available.get(name)! + amount);
    this.#changed();
  }

  /** Keeps what a job needs for it. */
  keepFor(job: Job): void {
    this.#first.add(job);
  }

  /** Keeps nothing for a job any more. */
  keepNoMoreFor(job: Job): void {
    if (this.#first.delete(job)) this.#changed();
  }

  /** Calls back, in a later microtask, when jobs may be able to start. */
  watch(pool: () => void): void {
    this.#pools.add(pool);
  }

  /** Stops the callbacks. */
  unwatch(pool: () => void): void {
    this.#pools.delete(pool);
  }

  #isFree({ amounts }: Need): boolean {
    return amounts.every(([name, amount]) => this.#available.get(name)! >= amount);
  }

  /** Later, as jobs may be in the middle of being cancelled one after another. */
  #changed(): void {
    this.version++;
    if (this.#telling || this.#pools.size === 0) return;
    this.#telling = true;
    runtime.microtask(() => {
      this.#telling = false;
      for (const pool of [...this.#pools]) pool();
    });
  }
}

/**
 * Checks that a pool knows what its tasks need.
 *
 * @param executor the name of the pool.
 * @throws {TypeError} if the pool has no resources, or does not know their names.
 */
export function requireKnown(
  executor: string,
  resources: ResourceTable | undefined,
  options: SubmitOptions,
): void {
  const need = needOf({ options });
  if (need === undefined) return;
  if (resources === undefined) {
    throw new TypeError(`Cannot submit to ${executor} as 'resources': it was opened without 'resources'`);
  }
  resources.checkNames("Cannot submit as 'resources'", need);
}
