/**
 * What a worker is told before it loads anything of this library.
 *
 * The first module of a worker puts it on the global object and imports the library after that. In a program that is bundled
 * into one file the library comes with the main program, which has to know where it is before its first statement.
 *
 * An executable that was compiled of a program and its runtime starts no other module than its own. There the library finds in
 * the environment that it is in a worker.
 *
 * @module
 */

import process from "node:process";
import { importModule } from "../core/import_module.ts";
import type { WorkerScope } from "./types.ts";

/** Where the global object has it. Registered, so that two copies of this library see the same. */
const KEY: unique symbol = Symbol.for("heddle.worker") as never;

/** Where the environment of a compiled program has it. */
const VARIABLE = "HEDDLE_WORKER";

/** Returns what this worker was told; undefined in the program itself. */
export function workerScope(): WorkerScope | undefined {
  return (globalThis as { [KEY]?: WorkerScope })[KEY];
}

/** Returns the environment that makes a compiled program a worker. */
export function compiledWorker(scope: Pick<WorkerScope, "start" | "hello" | "program">): Record<string, string> {
  return { [VARIABLE]: JSON.stringify(scope) };
}

/**
 * Returns what this worker was told, in a compiled program. The main module is being evaluated then, as it has imported this
 * one. Once that is over, the worker serves.
 *
 * @param main the address of the main module.
 */
export function compiledScope(main: string): WorkerScope | undefined {
  const told = process.env[VARIABLE];
  if (workerScope() !== undefined || told === undefined) return workerScope();
  // A program that a task starts is no worker of ours.
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
 * Refuses flags for the runtime, which the executable of a compiled program takes for arguments of the program.
 *
 * @throws {TypeError} if there are any.
 */
export function refuseFlags(flags: readonly string[]): void {
  if (flags.length === 0) return;
  throw new TypeError(`Cannot pass execArgs to a process of a compiled program: current value is ${flags.join(" ")}`);
}
