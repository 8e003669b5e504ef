/**
 * The job of a task whose values are streamed.
 *
 * @module
 */

import { CancelledError } from "../../core/errors.ts";
import { withoutFrames } from "../../core/frames.ts";
import type { SubmitOptions } from "../../futures/executor.ts";
import { observe, outcomeOf, whenDone } from "../../futures/future.ts";
import type { StreamOrigin } from "../../futures/stream.ts";
import { StreamBuffer } from "../../futures/stream_buffer.ts";
import { wasStopped } from "../../futures/unobserved.ts";
import { DEFAULT_BUFFER } from "../../wire/iterables.ts";
import * as op from "../../wire/message.ts";
import { MalformedMessage } from "../../wire/message.ts";
import type { ReadValue } from "./answer.ts";
import type { HowToAbort } from "./abort.ts";
import type { Caller } from "./caller.ts";
import { Job, type JobOwner, SENT } from "./job.ts";
import type { TaskEntry } from "./task_entry.ts";

/** The part of the engine that a stream needs. */
export interface StreamOwner extends JobOwner {
  abort(job: Job, reason: unknown, how?: HowToAbort): void;
}

/**
 * The job of a stream. The worker is at most `window` values ahead of the consumer, and gets credits for the values
 * that the consumer takes.
 */
export class StreamJob extends Job implements StreamOrigin {
  readonly buffer: StreamBuffer;
  readonly #owner: StreamOwner;
  /** Whether values of the current attempt have arrived, after which the task is not retried. */
  #delivered = false;

  /** @param stalled called when the job begins or ends to wait for its consumer. */
  constructor(
    owner: StreamOwner,
    task: TaskEntry,
    options: SubmitOptions,
    caller: Caller | undefined,
    stalled: (stalled: boolean) => void,
  ) {
    super(owner, task, options, 0, caller);
    this.#owner = owner;
    this.buffer = new StreamBuffer(this.window, {
      credit: (count) => this.#credit(count),
      stalled,
    });
    whenDone(this.future, () => this.#ended());
  }

  override get window(): number {
    return this.options.bufferSize ?? DEFAULT_BUFFER;
  }

  /** A stream is not plain: its duration depends on the consumer. */
  override get plain(): boolean {
    return false;
  }

  override get repeatable(): boolean {
    return !this.#delivered && super.repeatable;
  }

  /** Receives values of the worker, or the error of values that cannot be decoded. */
  arrive({ value, error }: ReadValue, isList: boolean): void {
    if (error !== undefined) return this.abort(error);
    const values = isList ? value : [value];
    if (!Array.isArray(values)) throw new MalformedMessage("Cannot read the values of a stream: they are no list");
    this.#delivered = true;
    if (this.aborted !== undefined && this.aborted.gentle !== true) return;
    if (!this.buffer.arrive(values)) {
      throw new MalformedMessage("Cannot take more values of a stream than it has room for");
    }
  }

  /** Ends the task, because the consumer has left: the generator returns within its grace. */
  leave(): void {
    if (this.future.done) return;
    this.buffer.leave();
    if (this.cancel()) return;
    const reason = new DOMException("The consumer of the stream has left", "AbortError");
    this.#owner.abort(this, reason, { gentle: true, leaves: true });
  }

  /** Aborts the stream at the shutdown of the pool, unless it has a consumer. */
  shutDown(name: string): void {
    if (this.buffer.consumed || this.future.done) return;
    this.abort(
      withoutFrames(() => new CancelledError(`Cannot go on with a stream without a consumer: ${name} was shut down`)),
    );
  }

  #credit(count: number): void {
    if (this.state !== SENT || this.aborted !== undefined) return;
    const record = this.worker!.writer.record(op.CREDIT);
    record.u32(this.id), record.u32(count);
    this.worker!.flush();
  }

  #ended(): void {
    const { future, buffer } = this;
    const outcome = outcomeOf(future);
    if (outcome === undefined) {
      return buffer.end({ error: new CancelledError("The task was cancelled before it started") });
    }
    if (!("error" in outcome)) return buffer.end(undefined);
    const { error } = outcome;
    buffer.stopped = wasStopped(future) || (this.aborted !== undefined && error === this.aborted.reason);
    if (buffer.stopped) buffer.drop(error);
    // The consumer receives the error after the values that had arrived.
    buffer.whenConsumed(() => observe(future));
    buffer.end({ error });
  }
}
