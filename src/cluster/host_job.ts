/**
 * One job at a host: its task, run on the host's own executor.
 *
 * @module
 */

import { InvalidStateError, WorkerLostError } from "../core/errors.ts";
import type { Executor, SubmitOptions } from "../futures/executor.ts";
import type { Future } from "../futures/future.ts";
import { ownFuture } from "../futures/own_future.ts";
import { whenFinished } from "../futures/unfinished.ts";
import { engineOf } from "../pool/pool_base.ts";
import { wantsRetry } from "../futures/retry_plan.ts";
import { runCarried } from "../task/carry.ts";
import type { Definition, Task } from "../task/task.ts";
import type { Codec } from "./codec.ts";
import type { EngineJob } from "./engine.ts";
import { lineOf, readFailure, writeFailure } from "./failure.ts";
import type { JobData } from "./outbox.ts";
import { taskIdOf } from "./task_id.ts";

/** A task ends after this many lost hosts. */
const MOST_LOST = 3;

/** The parts of a host that its jobs need. */
export interface JobParts {
  readonly executor: Executor;
  readonly codec: Codec;
  /** The last attempt of a task has timed out. */
  late(jobId: string, error: string): void;
}

/** Runs a job. */
export class HostJob {
  readonly #parts: JobParts;
  readonly #job: EngineJob;
  readonly #definition: Definition;
  #future: Future<unknown> | undefined;
  #stopped: { readonly reason: unknown } | undefined;
  #progress: Promise<void> = Promise.resolve();

  constructor(parts: JobParts, job: EngineJob, definition: Definition) {
    this.#parts = parts;
    this.#job = job;
    this.#definition = definition;
  }

  /** Stops the task. */
  stop(reason: unknown): void {
    this.#stopped ??= { reason };
    this.#future?.abort(reason);
  }

  /**
   * Runs the task; resolves with the text of its result.
   *
   * @throws {Error} whose message the client decodes, and whose name tells the engine whether to retry.
   */
  async run(): Promise<string> {
    const { codec } = this.#parts;
    let known: JobData | undefined;
    try {
      const data = known = dataOf(this.#job);
      this.#checkHosts(data);
      return codec.value(await this.#execute(data), "result");
    } catch (error) {
      throw this.#failure(error, known);
    }
  }

  #checkHosts(data: JobData): void {
    const lost = this.#job.stalledCounter - (data.lost ?? 0);
    if (lost === 0 || (data.loss !== "fail" && lost < MOST_LOST)) return;
    const hosts = lost === 1 ? "the host that ran it was lost" : `${lost} hosts that ran it were lost`;
    throw new LostHostError(`Cannot run task '${this.#job.name}' again: ${hosts}`);
  }

  async #execute(data: JobData): Promise<unknown> {
    const args = this.#parts.codec.decode(data.args);
    if (!Array.isArray(args)) throw new RangeError(`Cannot read the arguments of task '${this.#job.name}'`);
    if (this.#stopped !== undefined) throw this.#stopped.reason;
    const future = this.#submit(args, data, this.#carried(data));
    this.#future = future;
    future.onProgress((value) => this.#report(value));
    const outcome = await future.exception().then(
      (error) => error === undefined ? { value: future.resultNow() } : { error },
      (error) => ({ error }),
    );
    if ("error" in outcome) this.#tellIfLate(outcome.error, data);
    // Only the end of the task frees its place and allows another attempt.
    await new Promise<void>((resolve) => whenFinished(future, resolve));
    await this.#progress;
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }

  #carried({ carried }: JobData): Record<string, unknown> | undefined {
    const values = carried === undefined ? undefined : this.#parts.codec.decode(carried);
    if (values === undefined || (typeof values === "object" && values !== null)) {
      return values as Record<string, unknown>;
    }
    throw new RangeError(`Cannot read the carried values of task '${this.#job.name}'`);
  }

  #submit(
    args: unknown[],
    { items, timeout, grace }: JobData,
    carried: Record<string, unknown> | undefined,
  ): Future<unknown> {
    const { executor } = this.#parts;
    const options: SubmitOptions = Object.create(null);
    if (timeout !== undefined) options.timeout = timeout;
    if (grace !== undefined) options.grace = grace;
    const identity = { id: taskIdOf(this.#job.id ?? ""), attempt: this.#job.attemptsMade + 1 };
    const engine = engineOf(executor);
    const definition = this.#definition;
    if (engine !== undefined) {
      return engine.submit({ definition, args, options, items, caller: undefined, carried, identity }).future;
    }
    if (items !== undefined) {
      throw new InvalidStateError("Cannot run a chunk on an executor that is not Heddle's: leave out 'chunkSize'");
    }
    const task = definition.fn as unknown as Task<unknown[], unknown>;
    return ownFuture(runCarried(carried, () => executor.with(options).submit(task, ...args)));
  }

  /** Reports a timeout at once: the task may take its grace to end. */
  #tellIfLate(error: unknown, data: JobData): void {
    if (data.timeout === undefined || this.#stopped !== undefined || this.#willRepeat(error, data)) return;
    if ((error as { name?: unknown } | null)?.name !== "TimeoutError") return;
    this.#parts.late(this.#job.id ?? "", this.#write(error));
  }

  #willRepeat(error: unknown, data: JobData | undefined): boolean {
    const retry = data?.retry;
    if (retry === undefined || this.#stopped !== undefined || error instanceof LostHostError) return false;
    const attempts = (this.#job as { opts?: { attempts?: number } }).opts?.attempts ?? 1;
    return wantsRetry({ ...retry, maxAttempts: attempts, retryIf: undefined }, error, this.#job.attemptsMade + 1);
  }

  #report(value: unknown): void {
    const { codec } = this.#parts;
    // Monitors of the engine show plain numbers as they are.
    const progress = typeof value === "number" && Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { heddle: codec.value(value, "progress") };
    this.#progress = this.#progress.then(() => this.#job.updateProgress(progress as never)).catch(() => {});
  }

  #failure(error: unknown, data: JobData | undefined): Error {
    const reported = new Error(this.#write(error));
    // Monitors of the engine show the stack. The engine retries unless the name says not to.
    reported.stack = error instanceof Error ? error.stack ?? lineOf(error) : lineOf(error);
    if (!this.#willRepeat(error, data)) reported.name = "UnrecoverableError";
    return reported;
  }

  #write(error: unknown): string {
    return writeFailure(this.#parts.codec, {
      error: error instanceof LostHostError ? error.asLost() : error,
      earlier: this.#earlier(),
      stopped: this.#stopped !== undefined,
    });
  }

  /** The errors of earlier attempts. */
  #earlier(): unknown[] {
    const { attemptsMade, failedReason } = this.#job;
    if (attemptsMade === 0 || failedReason === undefined) return [];
    try {
      const before = readFailure(this.#parts.codec, failedReason);
      return before === undefined ? [] : [...before.earlier, before.error];
    } catch {
      return [];
    }
  }
}

/** The host of a task was lost. Tells such a loss from that of a worker of this host. */
class LostHostError extends Error {
  asLost(): WorkerLostError {
    return new WorkerLostError(this.message);
  }
}

function dataOf({ name, data }: EngineJob): JobData {
  const { heddle, args } = (data ?? {}) as Partial<JobData>;
  if (heddle === 1 && typeof args === "string") return data as JobData;
  throw new RangeError(`Cannot run task '${name}': its job was not made by Heddle`);
}
