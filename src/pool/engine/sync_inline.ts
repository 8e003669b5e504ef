/**
 * Blocking calls of an executor that runs tasks in its caller's event loop.
 *
 * @module
 */

import { DeadlockError, InvalidStateError } from "../../core/errors.ts";
import { contexts } from "../../task/current.ts";
import type { Definition } from "../../task/task.ts";
import { copyValue } from "../../wire/one_loop.ts";
import { Call } from "../../worker/call.ts";
import { isThenable } from "../../worker/contexts.ts";

/**
 * Calls a task.
 *
 * @param full whether the maximum number of tasks is in progress: none of them can end while the loop is blocked.
 * @throws {DeadlockError} if `full` is true.
 * @throws {InvalidStateError} if the task returns a promise, or its module is not loaded.
 */
export function callInline(definition: Definition, args: unknown[], executor: string, full: boolean): unknown {
  const { name, url, fn } = definition;
  if (full) {
    throw new DeadlockError(
      `Cannot call task '${name}' of ${executor}: it would wait for tasks that wait for this one`,
    );
  }
  if (fn === undefined) {
    throw new InvalidStateError(
      `Cannot call task '${name}' of ${executor}, as ${url} is not loaded here: import the module`,
    );
  }
  const call = new Call(0, 0, false, 1, executor, { progress: () => {} }, 0);
  const copies = copyValue(args, "args");
  const result: unknown = contexts.run(call, () => (fn as (...args: unknown[]) => unknown)(...copies));
  if (!isThenable(result)) return copyValue(result, "result");
  Promise.resolve(result).catch(() => {});
  throw new InvalidStateError(
    `Cannot call task '${name}' of ${executor}: it returns a promise, which this loop would wait for`,
  );
}
