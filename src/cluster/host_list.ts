/**
 * The hosts of a queue, as they tell of themselves.
 *
 * @module
 */

import type { ClusterClock } from "./options.ts";
import type { Fields } from "./event_stream.ts";

/** A host, as it was last heard of. */
export interface HostInfo {
  /** What it calls itself. */
  readonly name: string;
  /** The names of the tasks it was given. */
  readonly tasks: readonly string[];
  /** How many tasks it runs at a time. */
  readonly places: number;
  /** How many it runs now. */
  readonly load: number;
}

/** So many hosts are kept in mind: more names than that are not believed. */
const MOST = 10_000;

/** The hosts that were heard within a lease. */
export class HostList {
  readonly #clock: ClusterClock;
  readonly #lease: number;
  readonly #hosts = new Map<string, HostInfo & { readonly heardAt: number }>();
  /** When there last was one that lived. */
  #aliveAt: number;

  constructor(clock: ClusterClock, lease: number) {
    this.#clock = clock;
    this.#lease = lease;
    this.#aliveAt = clock.now();
  }

  /** Takes what a host says. What is no such thing is passed over. */
  heard({ host, name, tasks, places, load }: Fields): void {
    if (typeof host !== "string" || (this.#hosts.size >= MOST && !this.#hosts.has(host))) return;
    const names = namesOf(tasks);
    const [most, now] = [Number(places), Number(load)];
    if (names === undefined || !Number.isInteger(most) || most < 1 || !Number.isInteger(now)) return;
    this.#aliveAt = this.#clock.now();
    this.#hosts.set(host, { name: String(name), tasks: names, places: most, load: now, heardAt: this.#aliveAt });
  }

  /** A host takes no more tasks. */
  left({ host }: Fields): void {
    this.#hosts.delete(String(host));
  }

  /** Those that live. */
  get alive(): HostInfo[] {
    const oldest = this.#clock.now() - this.#lease;
    for (const [id, { heardAt }] of this.#hosts) if (heardAt < oldest) this.#hosts.delete(id);
    const hosts = [...this.#hosts.values()].map(({ heardAt: _, ...host }) => host);
    if (hosts.length > 0) this.#aliveAt = this.#clock.now();
    return hosts;
  }

  /** Whether one of them, dead ones included that were not looked for since, runs tasks of a name. */
  knows(name: string): boolean {
    for (const { tasks } of this.#hosts.values()) if (tasks.includes(name)) return true;
    return this.#hosts.size === 0;
  }

  /** How many tasks they run at a time. */
  get places(): number {
    return this.alive.reduce((sum, { places }) => sum + places, 0);
  }

  /** Since when there is none. */
  get aliveAt(): number {
    return this.#aliveAt;
  }

  /** From now on the absence of hosts counts. */
  startWatch(): void {
    this.#aliveAt = Math.max(this.#aliveAt, this.#clock.now());
  }
}

function namesOf(text: unknown): string[] | undefined {
  try {
    const names: unknown = JSON.parse(String(text));
    return Array.isArray(names) && names.every((name) => typeof name === "string") ? names : undefined;
  } catch {
    return undefined;
  }
}
