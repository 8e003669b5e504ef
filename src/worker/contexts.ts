/**
 * The async contexts in which tasks run.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import { contexts, SharedContext } from "../task/current.ts";
import type { Call } from "./call.ts";
import type { TaskFunction } from "./function_loader.ts";

/** Whether a task waits: not known yet; it never has; it has. */
const UNKNOWN = 0, PROMPT = 1, WAITS = 2;

/**
 * Calls the functions of tasks, each in the context of its call.
 *
 * Where contexts are dear, tasks that have not waited before run in one that they share, one after another. If one of them waits
 * after all, it keeps that context, and the next ones get another.
 */
export class Contexts {
  readonly #kinds = new Map<number, number>();
  #shared: SharedContext | undefined;

  /** @param shares whether tasks may share a context; in the loop of their callers they have contexts to keep. */
  constructor(shares: boolean) {
    if (shares && runtime.dearContexts) this.#shared = new SharedContext();
  }

  /** Notes that a task is about to run; true if it is for the first time. */
  begin(reference: number): boolean {
    if (this.#kinds.has(reference)) return false;
    this.#kinds.set(reference, UNKNOWN);
    return true;
  }

  /** Runs what will call functions, where those that never wait need no other context. */
  within(fn: () => void): void {
    if (this.#shared === undefined) fn();
    else contexts.run(this.#shared, fn);
  }

  /** Calls the function of a task. */
  call(call: Call, fn: TaskFunction, args: unknown[]): unknown {
    const { reference } = call;
    const kind = this.#kinds.get(reference);
    const shared = this.#shared;
    const shares = kind === PROMPT && shared !== undefined && contexts.getStore() === shared;
    if (shares) shared.context = call;
    const result = shares ? fn(...args) : contexts.run(call, () => fn(...args));
    if (kind === WAITS) return result;
    const waits = isThenable(result);
    if (kind === UNKNOWN || waits) this.#kinds.set(reference, waits ? WAITS : PROMPT);
    if (shares && waits) this.#shared = new SharedContext();
    return result;
  }
}

/** Whether a result is to be waited for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
