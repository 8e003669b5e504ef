/**
 * What the workers of a pool ask of its engine.
 *
 * @module
 */

import type { WorkerLostError } from "../core/errors.ts";
import type { Definition } from "../task/task.ts";
import type { IncomingMessage } from "../wire/message.ts";
import type { BreakReason } from "./break_reason.ts";
import type { Slot } from "./slot.ts";

/** What the crew asks of the engine. */
export interface CrewHooks {
  /** A worker has sent a message. */
  message(slot: Slot, message: IncomingMessage): void;
  /** A worker is ready, and begins what it was sent before. */
  begin(slot: Slot): void;
  /** A worker takes tasks from now on. */
  ready(): void;
  /** This thread is about to block. */
  blocks(): void;
  /** A worker is gone; `error` makes the error for one of the tasks it was running. True if there were any. */
  lost(slot: Slot, error: (task: string) => WorkerLostError, unexpected: boolean): boolean;
  /** An error that is no task's. */
  fault(slot: Slot, error: unknown): void;
  /** The pool cannot go on. */
  broken(reason: BreakReason): void;
  /** Writes a worker's first message. */
  setup(slot: Slot): void;
  /** How many tasks wait. */
  demand(): number;
  /** The tasks the pool knows. */
  readonly tasks: readonly Definition[];
}
