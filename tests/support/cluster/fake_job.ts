// Implements the common base of the fake engine classes, and their jobs.

import { EventEmitter } from "node:events";
import type { EngineBackend, EngineJob } from "../../../src/cluster/engine.ts";
import type { FakeQueue, FakeServer, Opts, Stored } from "./fake_server.ts";

/** The base of all engine classes. */
export class FakeObject extends EventEmitter {
  protected readonly server: FakeServer;
  protected readonly queue: FakeQueue;
  closed = false;

  constructor(server: FakeServer, name: string) {
    super();
    this.server = server;
    this.queue = server.queue(name);
  }

  override on(event: never, listener: never): this {
    return super.on(event, listener);
  }

  async waitUntilReady(): Promise<void> {
    await this.server.ask("ready", () => {});
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  getBackend(): EngineBackend {
    const { server, queue } = this;
    return {
      close: () => Promise.resolve(),
      client: Promise.resolve({ on: () => {}, disconnect: () => {} }),
      publishEvent: ({ event, ...fields }) => server.ask("publish", () => server.publish(queue, event, fields)),
      moveStalledJobsToWait: () => server.ask("recover", () => server.recover(queue)),
    };
  }
}

/** A snapshot of a job at the time it was read. */
export class FakeJob implements EngineJob {
  readonly #server: FakeServer;
  readonly #queue: FakeQueue;
  readonly #job: Stored;
  readonly id: string;
  readonly name: string;
  readonly data: unknown;
  readonly opts: Opts;
  readonly returnvalue: unknown;
  readonly failedReason: string | undefined;
  readonly attemptsMade: number;
  readonly stalledCounter: number;
  readonly finishedOn: number | undefined;
  readonly timestamp: number;

  constructor(server: FakeServer, queue: FakeQueue, job: Stored) {
    this.#server = server;
    this.#queue = queue;
    this.#job = job;
    ({
      id: this.id,
      name: this.name,
      opts: this.opts,
      failedReason: this.failedReason,
      attemptsMade: this.attemptsMade,
      stalledCounter: this.stalledCounter,
      finishedOn: this.finishedOn,
      timestamp: this.timestamp,
    } = job);
    this.data = JSON.parse(job.data);
    this.returnvalue = job.returnvalue === undefined ? undefined : JSON.parse(job.returnvalue);
  }

  updateProgress(progress: never): Promise<void> {
    const data: unknown = JSON.parse(JSON.stringify(progress));
    return this.#server.ask("progress", () => this.#server.publish(this.#queue, "progress", { jobId: this.id, data }));
  }

  updateData(data: never): Promise<void> {
    return this.#server.ask("updateData", () => void (this.#job.data = JSON.stringify(data)));
  }

  moveToDelayed(timestamp: number, token?: string): Promise<void> {
    return this.#server.ask("moveToDelayed", () => {
      const job = this.#server.holds(this.#queue, this.id, token);
      this.#server.delay(this.#queue, job, Math.max(0, timestamp - Date.now()));
    });
  }

  moveToWait(token?: string): Promise<void> {
    return this.#server.ask("moveToWait", () => {
      this.#server.offer(this.#queue, this.#server.holds(this.#queue, this.id, token), "active");
    });
  }

  extendLock(token: string, duration: number): Promise<number> {
    return this.#server.ask("extendLock", () => {
      this.#server.holds(this.#queue, this.id, token).lockedUntil = this.#server.clock.now() + duration;
      return 1;
    });
  }

  retry(): Promise<void> {
    return this.#server.ask("retry", () => {
      const job = this.#job;
      if (job.state !== "failed") throw new Error("Job is not in the failed state");
      job.attemptsMade = 0;
      job.failedReason = undefined;
      job.finishedOn = undefined;
      this.#server.offer(this.#queue, job, "failed");
    });
  }
}
