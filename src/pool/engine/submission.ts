/**
 * A submission to a pool.
 *
 * @module
 */

import type { SubmitOptions } from "../../futures/executor.ts";
import type { Definition } from "../../task/task.ts";
import type { Caller } from "./caller.ts";

/** A submission of a pool to its engine. */
export interface Submission {
  readonly definition: Definition;
  /** The arguments; for a chunk, a list of arguments for each item. */
  readonly args: unknown[];
  readonly options: SubmitOptions;
  /** Number of items in a chunk; undefined for a single task. */
  readonly items: number | undefined;
  readonly caller: Caller | undefined;
  /** Values of async contexts that the task sees, by the names of their stores. */
  readonly carried?: Record<string, unknown> | undefined;
  /** Whether the values of the task are streamed. */
  readonly streams?: boolean;
  /** The identity that the task sees, if another executor passes the task on. */
  readonly identity?: Identity;
}

/** The identity that a task sees in its context. */
export interface Identity {
  readonly id: string;
  /** The attempt, from 1. */
  readonly attempt: number;
}
