/**
 * The threads that a thread knows: itself, the main thread, and those it has started.
 *
 * @module
 */

import { InvalidStateError } from "../core/errors.ts";
import { printsAs } from "../core/inspect.ts";
import { currentIdent, MAIN_IDENT, MAIN_NAME } from "../core/thread_table.ts";
import { mark, type Task } from "../task/task.ts";
import { ownThread } from "../worker/identity.ts";
import { started, Thread } from "./thread.ts";

/** A placeholder for the task of a thread that was started elsewhere. */
const ELSEWHERE: Task<[], unknown> = mark(() => undefined, {
  url: import.meta.url,
  name: "elsewhere",
  source: undefined,
  fn: undefined,
}) as Task<[], unknown>;

/** A thread that this thread has not started: only its properties can be read. */
class KnownThread extends Thread<unknown> {
  readonly #ident: number;

  static {
    printsAs(this, "Thread", ({ name, ident, daemon }) => ({ name, state: "running", ident, daemon }));
  }

  constructor(ident: number, name: string, daemon: boolean) {
    super(ELSEWHERE, [], { name, daemon });
    this.#ident = ident;
  }

  override get alive(): boolean {
    return true;
  }

  override get ident(): number {
    return this.#ident;
  }

  override start(): this {
    throw new InvalidStateError(`Cannot start ${this.name} as it was started before`);
  }

  override join(): Promise<void> {
    return Promise.reject(new InvalidStateError(`Cannot join ${this.name}${this.#whyNot}`));
  }

  override terminate(): Promise<void> {
    return Promise.reject(new InvalidStateError(`Cannot terminate ${this.name}${this.#whyNot}`));
  }

  override [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  get #whyNot(): string {
    return this.#ident === currentIdent() ? " from within itself" : ": only the thread that started it can";
  }
}

let main: Thread<unknown> | undefined;
let own: Thread<unknown> | undefined;

/**
 * Returns the calling thread. In a pool worker, the thread has the worker's name. The thread cannot be joined or
 * terminated from within itself.
 *
 * @example Compare with the main thread
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { currentThread, mainThread } from "@heddle/heddle";
 *
 * assertEquals(currentThread(), mainThread());
 * assertEquals(currentThread().name, "MainThread");
 * ```
 */
export function currentThread(): Thread<unknown> {
  if (currentIdent() === MAIN_IDENT) return mainThread();
  const { name, daemon } = ownThread();
  return own ??= new KnownThread(currentIdent(), name, daemon);
}

/**
 * Returns the main thread of the process, from any of its threads.
 *
 * @example Read its properties
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { mainThread } from "@heddle/heddle";
 *
 * assertEquals([mainThread().ident, mainThread().daemon, mainThread().alive], [1, false, true]);
 * ```
 */
export function mainThread(): Thread<unknown> {
  return main ??= new KnownThread(MAIN_IDENT, MAIN_NAME, false);
}

/**
 * Returns the living threads that the calling thread knows: the main thread, itself, and those it has started, in order
 * of their start. The list may be stale when it is read.
 *
 * @example List a running thread
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inline, mainThread, Thread, threads } from "@heddle/heddle";
 *
 * const thread = new Thread(inline(() => {})).start();
 * assertEquals(threads(), [mainThread(), thread]);
 * await thread.join();
 * assertEquals(threads(), [mainThread()]);
 * ```
 */
export function threads(): Thread<unknown>[] {
  return [...new Set([mainThread(), currentThread(), ...started])];
}

/**
 * Returns the number of living threads that the calling thread knows. The number may be stale when it is read.
 *
 * @example Count the main thread
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { activeCount } from "@heddle/heddle";
 *
 * assertEquals(activeCount(), 1);
 * ```
 */
export function activeCount(): number {
  return threads().length;
}
