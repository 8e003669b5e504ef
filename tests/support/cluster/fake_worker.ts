// Implements the workers of the fake engine. Tests freeze or kill them, as a failing machine would.

import type { EngineJob } from "../../../src/cluster/engine.ts";
import { FakeJob, FakeObject } from "./fake_job.ts";
import type { FakeServer, Stored } from "./fake_server.ts";

type Processor = (job: EngineJob, token: string) => Promise<unknown>;
type Backoff = (attempts: number, kind: string | undefined, error: Error, job: EngineJob) => number;

/** The worker options that the fake honours. */
interface WorkerOptions {
  readonly concurrency?: number;
  readonly lockDuration?: number;
  readonly settings?: { readonly backoffStrategy?: Backoff };
}

/** Takes and runs jobs. */
export class FakeWorker extends FakeObject {
  readonly #processor: Processor | null;
  readonly #options: WorkerOptions;
  readonly #running = new Map<string, { token: string; done: Promise<void> }>();
  #tokens = 0;
  #frozen: Promise<void> | undefined;
  #thaw: () => void = () => {};
  #dead = false;
  #paused = false;
  #stopTimer: () => void = () => {};

  constructor(server: FakeServer, name: string, processor: Processor | null, options: WorkerOptions) {
    super(server, name);
    this.#processor = processor;
    this.#options = options;
  }

  get #lease(): number {
    return this.#options.lockDuration ?? 30_000;
  }

  async run(): Promise<void> {
    this.#renewSoon();
    while (!this.closed && !this.#dead) {
      if (this.#paused || this.#running.size >= (this.#options.concurrency ?? 1)) {
        await this.#woken();
        continue;
      }
      await this.#frozen;
      const token = `token-${++this.#tokens}`;
      let woken: Promise<void> | undefined;
      const job = await this.server.ask("take", () => {
        if (this.closed || this.#dead) return undefined;
        const taken = this.server.take(this.queue, token, this.#lease);
        // Register in the same step, so that the worker does not miss the next job.
        if (taken === undefined) woken = this.#woken();
        return taken;
      });
      if (job === undefined) await woken;
      else this.#running.set(job.id + token, { token, done: this.#process(job, token) });
    }
  }

  pause(): Promise<void> {
    this.#paused = true;
    return Promise.resolve();
  }

  async getNextJob(token: string, { block = true }: { block?: boolean } = {}): Promise<EngineJob | undefined> {
    let woken: Promise<void> | undefined;
    const take = () =>
      this.server.ask("take", () => {
        const taken = this.server.take(this.queue, token, this.#lease);
        if (taken === undefined && block && !this.closed) woken = this.#woken();
        return taken;
      });
    let job = await take();
    if (job === undefined && woken !== undefined) {
      await woken;
      await this.#frozen;
      // The answer never reaches a program that is gone, and that program asks for nothing.
      if (this.#dead) return await new Promise<never>(() => {});
      job = await take();
    }
    return job && new FakeJob(this.server, this.queue, job);
  }

  /** Stops all activity, like SIGSTOP. */
  freeze(): void {
    this.#frozen ??= new Promise((resolve) => this.#thaw = resolve);
  }

  /** Continues after `freeze()`. */
  thaw(): void {
    this.#frozen = undefined;
    this.#thaw();
  }

  /** Cuts the worker off, like SIGKILL: nothing it still does reaches the server. */
  kill(): void {
    this.#dead = true;
    this.#stopTimer();
    this.server.wake(this.queue);
  }

  override async close(force = false): Promise<void> {
    this.closed = true;
    this.server.wake(this.queue);
    if (!force && !this.#dead) await Promise.all([...this.#running.values()].map(({ done }) => done));
    this.#stopTimer();
  }

  async #process(stored: Stored, token: string): Promise<void> {
    const job = new FakeJob(this.server, this.queue, stored);
    const before = stored.attemptsMade;
    const outcome = await this.#processor!(job, token).then(
      (value) => ({ value }),
      (error: Error) => ({ error }),
    );
    await this.#frozen;
    await this.server.ask("finish", () => {
      this.#running.delete(stored.id + token);
      if (this.#dead || ("error" in outcome && outcome.error.name === "DelayedError")) return;
      let held: Stored;
      try {
        held = this.server.holds(this.queue, stored.id, token);
      } catch (error) {
        return void this.emit("error", error);
      }
      if ("value" in outcome) return this.server.finish(this.queue, held, "completed", JSON.stringify(outcome.value));
      const { error } = outcome;
      const again = before + 1 < (held.opts.attempts ?? 1) && error.name !== "UnrecoverableError";
      const backoff = this.#options.settings?.backoffStrategy;
      const pause = again ? backoff?.(before + 1, held.opts.backoff?.type, error, job) ?? 0 : -1;
      if (pause < 0) return this.server.finish(this.queue, held, "failed", error.message);
      held.failedReason = error.message;
      held.attemptsMade++;
      if (pause > 0) this.server.delay(this.queue, held, pause);
      else this.server.offer(this.queue, held, "active");
    });
    this.server.wake(this.queue);
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => this.queue.waiting.add(resolve));
  }

  #renewSoon(): void {
    this.#stopTimer = this.server.clock.startTimer(this.#lease / 4, () => {
      if (this.#dead) return;
      if (this.closed && this.#running.size === 0) return;
      this.#renewSoon();
      if (this.#frozen === undefined) void this.#renew();
    }, { unref: true });
  }

  async #renew(): Promise<void> {
    const lost: string[] = [];
    await this.server.ask("renew", () => {
      for (const [key, { token }] of this.#running) {
        const id = key.slice(0, -token.length);
        try {
          this.server.holds(this.queue, id, token).lockedUntil = this.server.clock.now() + this.#lease;
        } catch {
          lost.push(id);
        }
      }
    });
    if (lost.length > 0) this.emit("lockRenewalFailed", lost);
  }
}
