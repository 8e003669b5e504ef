/**
 * Polls the server for what events did not report: missed results, lost tasks, lost hosts, a lost server.
 *
 * Events are hints. The engine drops those that come while its listener reconnects, and trims the stream when it is long.
 *
 * @module
 */

import { BrokenExecutorError } from "../core/errors.ts";
import { type ClusterTask, WAITING } from "./cluster_task.ts";
import type { EngineQueue } from "./engine.ts";
import type { HostList } from "./host_list.ts";
import type { ClusterSettings } from "./options.ts";
import type { Pending } from "./pending.ts";
import { placeOf } from "./connection.ts";

/** A task without an event for this long is polled, in milliseconds. */
const QUIET = 2_000;
/** The most tasks polled in one round. */
const MOST = 400;
/** The shortest and the longest pause between two rounds, in milliseconds. */
const SHORTEST = 25, LONGEST = 500;

/** The parts a sweep works with. */
export interface SweepParts {
  readonly settings: ClusterSettings;
  readonly queue: EngineQueue;
  readonly pending: Pending;
  readonly hosts: HostList;
  /** Reads a job that has ended and settles its tasks. */
  look(jobId: string, state: string): Promise<void>;
  /** A host runs a task. */
  started(task: ClusterTask): void;
  /** Rejects a task. */
  fail(task: ClusterTask, error: unknown): void;
  /** A task that waits was cancelled. */
  cancelled(task: ClusterTask): void;
  /** The server is gone. */
  lost(error: BrokenExecutorError): void;
  /** Called in each round. */
  after(): void;
  /** Called before the first round. */
  begin(): void;
  /** Called every half lease. */
  check(): void;
}

/** Polls while tasks are pending. Its timer keeps the program alive. */
export class Sweep {
  readonly #parts: SweepParts;
  readonly #pause: number;
  #stop: (() => void) | undefined;
  #answeredAt = 0;
  #asking = false;
  #checkedAt = 0;
  /** The last known length of the queue. */
  waiting = 0;
  oldest: number | undefined;

  constructor(parts: SweepParts) {
    this.#parts = parts;
    this.#pause = Math.min(LONGEST, Math.max(SHORTEST, parts.settings.lease / 10));
  }

  /** Starts or stops the rounds. */
  set(active: boolean): void {
    const { clock } = this.#parts.settings;
    if (!active) {
      this.#stop?.();
      this.#stop = undefined;
    } else if (this.#stop === undefined) {
      this.#answeredAt = clock.now();
      this.#parts.hosts.startWatch();
      this.#parts.begin();
      this.#next();
    }
  }

  /** The server has answered. */
  heard(): void {
    this.#answeredAt = this.#parts.settings.clock.now();
  }

  #next(): void {
    this.#stop = this.#parts.settings.clock.startTimer(this.#pause, () => {
      this.#next();
      this.#round();
    });
  }

  #round(): void {
    const { settings, after } = this.#parts;
    const now = settings.clock.now();
    if (now - this.#answeredAt > settings.disconnectTimeout) {
      this.#answeredAt = now;
      const seconds = `${settings.disconnectTimeout} ms`;
      return this.#parts.lost(
        new BrokenExecutorError(`Lost the server ${placeOf(settings)}: it has not answered for ${seconds}`),
      );
    }
    after();
    if (this.#asking) return;
    this.#asking = true;
    this.#ask(now).then(() => this.heard(), () => {}).finally(() => this.#asking = false);
  }

  async #ask(now: number): Promise<void> {
    const { settings, queue, hosts } = this.#parts;
    if (now - this.#checkedAt >= settings.lease / 2) {
      this.#checkedAt = now;
      this.#parts.check();
      const [counts, [first]] = await Promise.all([
        queue.getJobCounts("waiting" as never, "prioritized" as never),
        queue.getPrioritized(0, 0),
        queue.getBackend().moveStalledJobsToWait(),
      ]);
      this.waiting = (counts.waiting ?? 0) + (counts.prioritized ?? 0);
      this.oldest = first?.timestamp;
    }
    const due: ClusterTask[] = [];
    for (const task of this.#parts.pending.jobs()) {
      if (task.acceptedAt < 0) continue;
      // A task that no host knows has events all the time, as hosts take it and give it back.
      const unknown = now - task.acceptedAt >= settings.lease && !hosts.knows(task.name);
      if (task.seenAt !== 0 && now - task.seenAt < QUIET && !unknown) continue;
      due.push(task);
      if (due.length === MOST) break;
    }
    // When no task is due, this request checks that the server answers.
    if (due.length === 0) await queue.getGlobalConcurrency();
    await Promise.all(due.map((task) => this.#look(task, now)));
  }

  async #look(task: ClusterTask, now: number): Promise<void> {
    const { queue, pending, look, started, fail, cancelled } = this.#parts;
    const state = await queue.getJobState(task.jobId);
    if (!pending.has(task)) return;
    task.seenAt = now;
    if (state === "completed" || state === "failed") return await look(task.jobId, state);
    if (state === "unknown") {
      for (const each of pending.of(task.jobId)) {
        if (each.cancelling) cancelled(each);
        else {fail(
            each,
            new BrokenExecutorError(`Task '${each.name}' is gone from the server, which was emptied or lost it`),
          );}
      }
      return;
    }
    for (const each of pending.of(task.jobId)) {
      if (state === "active") started(each);
      else each.state = WAITING;
    }
    if (state !== "active" && task.name !== "") await this.#checkHosts(task, now);
  }

  /** Takes back a task that no living host can run. */
  async #checkHosts(task: ClusterTask, now: number): Promise<void> {
    const { settings, hosts, queue, pending, fail } = this.#parts;
    const due = task.acceptedAt + (task.options.delay ?? 0);
    const alive = hosts.alive;
    let error: Error;
    if (alive.length === 0) {
      if (now - Math.max(due, hosts.aliveAt) < settings.hostTimeout) return;
      error = new BrokenExecutorError(
        `Task '${task.name}' was taken back: no host of queue '${settings.queue}' has lived for ${settings.hostTimeout} ms`,
      );
    } else {
      if (now - due < settings.lease || hosts.knows(task.name)) return;
      const known = [...new Set(alive.flatMap(({ tasks }) => tasks))].sort().join(", ");
      error = new TypeError(
        `Cannot run task '${task.name}': no living host of queue '${settings.queue}' was given it; they have ${known}`,
      );
    }
    // The event of the removal may come before its answer.
    for (const each of pending.of(task.jobId)) each.takenBack = error;
    const removed = await queue.remove(task.jobId);
    for (const each of pending.of(task.jobId)) {
      if (removed === 1) fail(each, error);
      else each.takenBack = undefined;
    }
  }
}
