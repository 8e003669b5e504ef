/**
 * What a worker runs before its first task: the initializer, and what all workers are to run.
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

/** Reads what is to be run, in order; `initializer` is the number of the first task, or 0. */
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
 * Runs them one after another. They belong to no task, but are no module that is being loaded either.
 *
 * @returns how what they have returned is disposed of.
 */
export async function prepare(steps: readonly Preparation[], loader: FunctionLoader): Promise<Dispose[]> {
  // The definitions come right behind the record.
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
