/**
 * The tasks that a worker runs before all others: the initializer and sticky broadcasts.
 *
 * @module
 */

import { contexts, SharedContext } from "../task/current.ts";
import type { IncomingMessage } from "../wire/message.ts";
import { type Dispose, disposerOf } from "./disposal.ts";
import type { FunctionLoader } from "./function_loader.ts";
import type { ReadValue } from "./call_inbox.ts";

/** A task that prepares a worker. */
export interface Preparation {
  readonly reference: number;
  readonly args: ReadValue;
}

/** Reads these tasks, in order; `initializer` is the number of the initializer, or 0. */
export function readPreparation(
  initializer: number,
  { reader }: IncomingMessage,
  value: () => ReadValue,
): Preparation[] {
  const first = { reference: initializer, args: value() };
  const steps = initializer === 0 && first.args.error === undefined ? [] : [first];
  for (let left = reader.u32(); left > 0; left--) steps.push({ reference: reader.u32(), args: value() });
  return steps;
}

/**
 * Runs the tasks one after another. They have no context of a task, but may do what a loading module may not.
 *
 * @returns the disposers of their results.
 */
export async function prepare(steps: readonly Preparation[], loader: FunctionLoader): Promise<Dispose[]> {
  // The definitions of the tasks follow in the same message.
  await null;
  const disposers: Dispose[] = [];
  for (const { reference, args } of steps) {
    if (args.error !== undefined) throw args.error;
    const fn = await loader.load(reference);
    const dispose = disposerOf(await contexts.run(new SharedContext(), () => fn(...args.value as unknown[])));
    if (dispose !== undefined) disposers.push(dispose);
  }
  return disposers;
}
