/**
 * The hosts of a queue, as they report themselves.
 *
 * @module
 */

import type { ClusterClock } from "./options.ts";
import type { Fields } from "./event_stream.ts";

/** A host, as it last reported itself. */
export interface HostInfo {
  /** Its name. */
  readonly name: string;
  /** The names of the tasks it was given. */
  readonly tasks: readonly string[];
  /** The number of tasks that the host runs at a time. */
  readonly places: number;
  /** The number of running tasks. */
  readonly load: number;
}

/** The most hosts in the list: forged reports must not exhaust memory. */
const MOST = 10_000;

/** The hosts that have reported within a lease. */
export class HostList {
  readonly #clock: ClusterClock;
  readonly #lease: number;
  readonly #hosts = new Map<string, HostInfo & { readonly heardAt: number }>();
  /** When a host was last alive. */
  #aliveAt: number;

  constructor(clock: ClusterClock, lease: number) {
    this.#clock = clock;
    this.#lease = lease;
    this.#aliveAt = clock.now();
  }

  /** Handles the report of a host. Malformed reports are ignored. */
  heard({ host, name, tasks, places, load }: Fields): void {
    if (typeof host !== "string" || (this.#hosts.size >= MOST && !this.#hosts.has(host))) return;
    const names = namesOf(tasks);
    const [most, now] = [Number(places), Number(load)];
    if (names === undefined || !Number.isInteger(most) || most < 1 || !Number.isInteger(now)) return;
    this.#aliveAt = this.#clock.now();
    this.#hosts.set(host, { name: String(name), tasks: names, places: most, load: now, heardAt: this.#aliveAt });
  }

  /** A host has left. */
  left({ host }: Fields): void {
    this.#hosts.delete(String(host));
  }

  /** The living hosts. */
  get alive(): HostInfo[] {
    const oldest = this.#clock.now() - this.#lease;
    for (const [id, { heardAt }] of this.#hosts) if (heardAt < oldest) this.#hosts.delete(id);
    const hosts = [...this.#hosts.values()].map(({ heardAt: _, ...host }) => host);
    if (hosts.length > 0) this.#aliveAt = this.#clock.now();
    return hosts;
  }

  /** Whether a host in the list runs tasks of a name; also true if there is no host at all. */
  knows(name: string): boolean {
    for (const { tasks } of this.#hosts.values()) if (tasks.includes(name)) return true;
    return this.#hosts.size === 0;
  }

  /** The number of tasks that the living hosts run at a time. */
  get places(): number {
    return this.alive.reduce((sum, { places }) => sum + places, 0);
  }

  /** When a host was last alive. */
  get aliveAt(): number {
    return this.#aliveAt;
  }

  /** Starts the time without hosts now at the earliest. */
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
