// Implements the classes of the queue engine over a server in memory.

import type { ClusterClock } from "../../../src/cluster/options.ts";
import type { Engine, EngineJob } from "../../../src/cluster/engine.ts";
import { FakeJob, FakeObject } from "./fake_job.ts";
import type { FakeServer, Listener, Opts } from "./fake_server.ts";
import { FakeWorker } from "./fake_worker.ts";

/** A fake engine with its clock and workers. Tests freeze or kill the workers, as a failing machine would. */
export interface FakeEngine extends Engine {
  readonly clock: ClusterClock;
  readonly workers: FakeWorker[];
}

/** Creates the engine classes for a server. */
export function fakeEngine(server: FakeServer): FakeEngine {
  const workers: FakeWorker[] = [];
  return {
    clock: server.clock,
    workers,
    Queue: class extends FakeQueueClient {
      constructor(name: string) {
        super(server, name);
      }
    },
    QueueEvents: class extends FakeEvents {
      constructor(name: string) {
        super(server, name);
      }
    },
    Worker: class extends FakeWorker {
      constructor(name: string, processor: never, options: never) {
        super(server, name, processor, options);
        workers.push(this);
      }
    },
  };
}

class FakeQueueClient extends FakeObject {
  add(name: string, data: unknown, opts: Opts = {}): Promise<{ id: string }> {
    return this.server.ask("add", () => ({ id: this.server.add(this.queue, name, data, opts) }));
  }

  addBulk(jobs: { name: string; data: unknown; opts: Opts }[]): Promise<void> {
    return this.server.ask("addBulk", () => {
      for (const { name, data, opts } of jobs) this.server.add(this.queue, name, data, opts ?? {});
    });
  }

  remove(id: string): Promise<number> {
    return this.server.ask("remove", () => this.server.remove(this.queue, id));
  }

  getJob(id: string): Promise<EngineJob | undefined> {
    return this.server.ask("getJob", () => {
      const job = this.queue.jobs.get(id);
      return job && new FakeJob(this.server, this.queue, job);
    });
  }

  getJobState(id: string): Promise<string> {
    return this.server.ask("getJobState", () => this.queue.jobs.get(id)?.state ?? "unknown");
  }

  getFailed(start = 0, end = -1): Promise<EngineJob[]> {
    return this.#list("failed", start, end);
  }

  getPrioritized(start = 0, end = -1): Promise<EngineJob[]> {
    return this.#list("prioritized", start, end);
  }

  getJobCounts(...states: string[]): Promise<Record<string, number>> {
    return this.server.ask("counts", () => {
      const all = [...this.queue.jobs.values()];
      return Object.fromEntries(states.map((state) => [state, all.filter((job) => job.state === state).length]));
    });
  }

  setGlobalConcurrency(value: number): Promise<void> {
    return this.server.ask("setLimit", () => void (this.queue.limit = value));
  }

  getGlobalConcurrency(): Promise<number | null> {
    return this.server.ask("getLimit", () => this.queue.limit);
  }

  #list(state: string, start: number, end: number): Promise<EngineJob[]> {
    return this.server.ask("list", () => {
      const jobs = [...this.queue.jobs.values()].filter((job) => job.state === state);
      return jobs.slice(start, end === -1 ? undefined : end + 1).map((job) => {
        return new FakeJob(this.server, this.queue, job);
      });
    });
  }
}

/** A listener for events, registered one turn after `run()`. */
class FakeEvents extends FakeObject implements Listener {
  #fail: (error: Error) => void = () => {};
  #end: () => void = () => {};

  async run(): Promise<void> {
    await this.server.ask("listen", () => this.queue.listeners.add(this));
    if (this.closed) this.queue.listeners.delete(this);
    else await new Promise<void>((resolve, reject) => [this.#end, this.#fail] = [resolve, reject]);
  }

  receive(event: string, fields: Record<string, unknown>): void {
    if (!this.closed) this.emit(event, fields);
  }

  garbled(): void {
    this.queue.listeners.delete(this);
    this.#fail(new SyntaxError("Unexpected token"));
  }

  override close(): Promise<void> {
    this.queue.listeners.delete(this);
    this.#end();
    return super.close();
  }
}
