/**
 * What a worker is told before it loads anything of this library.
 *
 * The first module of a worker puts it on the global object and imports the library after that. In a program that is bundled
 * into one file the library comes with the main program, which has to know where it is before its first statement.
 *
 * @module
 */

/** Where the global object has it. Registered, so that two copies of this library see the same. */
const KEY: unique symbol = Symbol.for("heddle.worker") as never;

/** What the first module of a worker and the library know of each other. */
export interface WorkerScope {
  /** Which function the worker is to call. */
  readonly start: "serveThread" | "serveProcess";
  /** What the function is called with. */
  readonly hello: unknown;
  /** What the runtime's adapter passes on from the program, for workers that this one starts. */
  readonly program: unknown;
  /** Whether the module that the worker was started with is still being loaded. */
  loading: boolean;
  /** Serves a pool from a thread; in a bundle no module exports it. */
  serveThread?: () => void;
  /** Serves a pool from a process. */
  serveProcess?: (hello: never) => void;
  /** Tells the pool why this worker cannot serve it. */
  refuse?: (error: unknown) => void;
}

/** Returns what this worker was told; undefined in the program itself. */
export function workerScope(): WorkerScope | undefined {
  return (globalThis as { [KEY]?: WorkerScope })[KEY];
}

/** Makes this thread a worker. The first module of most workers has done so itself. */
export function enterWorkerScope(scope: WorkerScope): void {
  (globalThis as { [KEY]?: WorkerScope })[KEY] = scope;
}
