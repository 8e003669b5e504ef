/**
 * What is submitted to a pool.
 *
 * @module
 */

import type { SubmitOptions } from "../futures/executor.ts";
import type { Definition } from "../task/task.ts";
import type { Caller } from "./caller.ts";

/** What a pool asks of its engine when it submits. */
export interface Submission {
  readonly definition: Definition;
  /** The arguments, or for a chunk a list of them. */
  readonly args: unknown[];
  readonly options: SubmitOptions;
  /** How many items a chunk has; undefined for a single task. */
  readonly items: number | undefined;
  readonly caller: Caller | undefined;
  /** Values of async contexts that the task is to see, by the names of their stores. */
  readonly carried: Record<string, unknown> | undefined;
  /** What the task is told of itself, if another executor passes it on. */
  readonly identity?: Identity;
}

/** What a task is told of itself. */
export interface Identity {
  readonly id: string;
  /** From 1. */
  readonly attempt: number;
}
