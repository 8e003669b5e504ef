/**
 * The functions of the engine that the supervisor calls.
 *
 * @module
 */

import type { WorkerLostError } from "../core/errors.ts";
import type { Definition } from "../task/task.ts";
import type { IncomingMessage } from "../wire/message.ts";
import type { BreakReason } from "./break_reason.ts";
import type { Slot } from "./slot.ts";

/** The functions of the engine that the supervisor calls. */
export interface CrewHooks {
  /** Handles a message of a worker. */
  message(slot: Slot, message: IncomingMessage): void;
  /** A worker is ready, and starts the tasks that it was sent before. */
  begin(slot: Slot): void;
  /** A worker accepts tasks from now on. */
  ready(): void;
  /** This thread is about to block. */
  blocks(): void;
  /** A worker is gone; `error` creates the error for one of its running tasks. Returns true if there were any. */
  lost(slot: Slot, error: (task: string) => WorkerLostError, unexpected: boolean): boolean;
  /** Reports an error that belongs to no task. */
  fault(slot: Slot, error: unknown): void;
  /** The pool is broken. */
  broken(reason: BreakReason): void;
  /** Writes the first message of a worker. */
  setup(slot: Slot): void;
  /** Number of waiting tasks. */
  demand(): number;
  /** The tasks in the pool's task registry. */
  readonly tasks: readonly Definition[];
}
