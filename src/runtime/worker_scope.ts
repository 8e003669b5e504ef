/**
 * The state that a worker receives before it loads this library.
 *
 * The first module of a worker stores it on the global object and then imports the library. In a program that is
 * bundled into one file, the library is loaded together with the main program. The main program must know before its
 * first statement whether it runs in a worker.
 *
 * The executable of a compiled program can start only its own main module. There the library reads the state from the
 * environment.
 *
 * @module
 */

import process from "node:process";
import { importModule } from "../core/import_module.ts";
import type { WorkerScope } from "./types.ts";

/** The property of the global object. The symbol is registered, so that two copies of this library use the same. */
const KEY: unique symbol = Symbol.for("heddle.worker") as never;

/** The environment variable of a compiled program. */
const VARIABLE = "HEDDLE_WORKER";

/** Returns the state of this worker; undefined in the main program. */
export function workerScope(): WorkerScope | undefined {
  return (globalThis as { [KEY]?: WorkerScope })[KEY];
}

/** Returns the environment that makes a compiled program a worker. */
export function compiledWorker(scope: Pick<WorkerScope, "start" | "hello" | "program">): Record<string, string> {
  return { [VARIABLE]: JSON.stringify(scope) };
}

/**
 * Returns the state of this worker in a compiled program. The main module, which imported this one, is being evaluated
 * then; afterwards the worker serves.
 *
 * @param main the URL of the main module.
 */
export function compiledScope(main: string): WorkerScope | undefined {
  const told = process.env[VARIABLE];
  if (workerScope() !== undefined || told === undefined) return workerScope();
  // A program that a task starts is not a worker.
  delete process.env[VARIABLE];
  const scope: WorkerScope = { ...JSON.parse(told), loading: true };
  (globalThis as { [KEY]?: WorkerScope })[KEY] = scope;
  void importModule(main).then(
    () => scope[scope.start]!(scope.hello as never),
    (error) => {
      if (scope.refuse === undefined) throw error;
      scope.refuse(error);
    },
  );
  return scope;
}

/**
 * Rejects flags for the runtime: the executable of a compiled program treats them as arguments of the program.
 *
 * @throws {TypeError} if there are any.
 */
export function refuseFlags(flags: readonly string[]): void {
  if (flags.length === 0) return;
  throw new TypeError(`Cannot pass execArgs to a process of a compiled program: current value is ${flags.join(" ")}`);
}
