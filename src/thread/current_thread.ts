/**
 * The threads that a thread knows without having started them: itself, and the main one.
 *
 * @module
 */

import { InvalidStateError } from "../core/errors.ts";
import { printsAs } from "../core/inspect.ts";
import { currentIdent, MAIN_IDENT, MAIN_NAME } from "../core/thread_table.ts";
import { mark, type Task } from "../task/task.ts";
import { ownThread } from "../worker/identity.ts";
import { started, Thread } from "./thread.ts";

/** The task of a thread that was started elsewhere. */
const ELSEWHERE: Task<[], unknown> = mark(() => undefined, {
  url: import.meta.url,
  name: "elsewhere",
  source: undefined,
  fn: undefined,
}) as Task<[], unknown>;

/** A thread that this one has not started: it can be looked at, and no more. */
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
    return Promise.reject(new InvalidStateError(`Cannot join ${this.name} ${this.#whyNot}`));
  }

  override terminate(): Promise<void> {
    return Promise.reject(new InvalidStateError(`Cannot terminate ${this.name} ${this.#whyNot}`));
  }

  override [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  get #whyNot(): string {
    return this.#ident === currentIdent() ? "from within itself" : "as only the thread that started it can";
  }
}

let main: Thread<unknown> | undefined;
let own: Thread<unknown> | undefined;

/**
 * Returns the thread that calls it. In a worker of a pool it bears the worker's name. It can be looked at, but neither
 * joined nor terminated, as that would be to wait for oneself.
 *
 * @example In a thread and outside
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
 * Returns the thread that this process began with, from any of its threads.
 *
 * @example It is the first
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
 * Returns the threads that are alive, as far as the calling thread knows them: the main one, itself, and those it has
 * started, in the order of their start. Stale when read.
 *
 * @example One more while it runs
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
 * Returns how many threads are alive, as far as the calling thread knows them. Stale when read.
 *
 * @example The main thread counts
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
