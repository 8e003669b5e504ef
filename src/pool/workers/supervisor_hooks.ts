/**
 * The functions of the engine that the supervisor calls.
 *
 * @module
 */

import type { WorkerLostError } from "../../core/errors.ts";
import type { Definition } from "../../task/task.ts";
import type { IncomingMessage } from "../../wire/message.ts";
import type { BreakReason } from "../engine/break_reason.ts";
import type { PoolWorker } from "./pool_worker.ts";

/** The functions of the engine that the supervisor calls. */
export interface SupervisorHooks {
  /** Handles a message of a worker. */
  message(worker: PoolWorker, message: IncomingMessage): void;
  /** A worker is ready, and starts the tasks that it was sent before. */
  begin(worker: PoolWorker): void;
  /** A worker accepts tasks from now on. */
  ready(): void;
  /** This thread is about to block. */
  blocks(): void;
  /**
   * A worker is gone; `error` creates the error for one of its running tasks, or for all. The pool is about to break if
   * there is a reason. Returns true if there were running tasks.
   */
  lost(
    worker: PoolWorker,
    error: (task?: string) => WorkerLostError,
    unexpected: boolean,
    reason?: BreakReason,
  ): boolean;
  /** Reports an error that belongs to no task. */
  fault(worker: PoolWorker, error: unknown): void;
  /** The pool is broken. */
  broken(reason: BreakReason): void;
  /** Writes the first message of a worker. */
  setup(worker: PoolWorker): void;
  /** Number of waiting tasks. */
  demand(): number;
  /** The tasks in the pool's task registry. */
  readonly tasks: readonly Definition[];
}
