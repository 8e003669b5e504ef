/**
 * Restores the async context of errors thrown in timers, on Deno.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import type { EnterContext } from "./types.ts";

/** The functions whose callbacks' contexts Deno has left when it reports their errors. */
const TIMERS = ["setTimeout", "setInterval", "setImmediate"] as const;

type Callback = (this: unknown, ...args: unknown[]) => unknown;
type Start = (callback: unknown, ...rest: unknown[]) => unknown;

/** The last error that a timer threw, and a function that enters its context. */
let last: { readonly error: unknown; readonly enter: EnterContext } | undefined;

/** Makes this thread's timers record the context of their errors. Workers need it to assign errors to tasks. */
export function noteTimerErrors(): void {
  const scope = globalThis as unknown as Record<string, Start>;
  for (const name of TIMERS) {
    const start = scope[name]!;
    const noting: Start = (callback, ...rest) =>
      start(typeof callback === "function" ? noted(callback as Callback) : callback, ...rest);
    Object.defineProperties(noting, Object.getOwnPropertyDescriptors(start));
    scope[name] = noting;
  }
}

/** Makes a handler of uncaught errors run in the context in which the error was thrown. */
export function inItsContext(handler: (error: unknown) => void): (error: unknown) => void {
  return (error) => {
    const thrown = last;
    last = undefined;
    if (thrown === undefined || thrown.error !== error) handler(error);
    else thrown.enter(() => handler(error));
  };
}

function noted(callback: Callback): Callback {
  return function (this: unknown, ...args: unknown[]) {
    try {
      return callback.apply(this, args);
    } catch (error) {
      last = { error, enter: AsyncLocalStorage.snapshot() as EnterContext };
      throw error;
    }
  };
}
