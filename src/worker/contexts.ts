/**
 * Runs tasks in async contexts.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import { contexts, SharedContext } from "../task/current.ts";
import type { Call } from "./call.ts";
import type { TaskFunction } from "./function_loader.ts";

/** Whether a task returns promises: not known yet, never so far, or at least once. */
const UNKNOWN = 0, PROMPT = 1, WAITS = 2;

/**
 * Calls the functions of tasks, each in the async context of its call.
 *
 * On runtimes with costly async contexts, tasks that have never returned a promise share one context, one task at a
 * time. If such a task does return a promise, it keeps the shared context, and later tasks get a new one.
 */
export class Contexts {
  readonly #kinds = new Map<number, number>();
  #shared: SharedContext | undefined;

  /**
   * @param shares whether tasks may share a context; false in the event loop of their callers, whose contexts must be
   * kept.
   */
  constructor(shares: boolean) {
    if (shares && runtime.costlyAsyncContexts) this.#shared = new SharedContext();
  }

  /** Records that a task is about to run; returns true the first time. */
  begin(reference: number): boolean {
    if (this.#kinds.has(reference)) return false;
    this.#kinds.set(reference, UNKNOWN);
    return true;
  }

  /** Runs a function that calls tasks. Inside it, tasks that never wait need no other context. */
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
    const result = shares ? call.invoke(fn, args) : contexts.run(call, () => call.invoke(fn, args));
    if (kind === WAITS) return result;
    const waits = isThenable(result);
    if (kind === UNKNOWN || waits) this.#kinds.set(reference, waits ? WAITS : PROMPT);
    if (shares && waits) this.#shared = new SharedContext();
    return result;
  }
}

/** Whether a result must be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
