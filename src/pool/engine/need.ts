/**
 * The resources that a task needs.
 *
 * @module
 */

import { checkInteger } from "../../core/check.ts";
import { checkObject } from "../../core/options.ts";
import type { SubmitOptions } from "../../futures/executor.ts";

/** The amounts that a task needs, by the names of the resources. */
export class Need {
  readonly amounts: readonly (readonly [name: string, amount: number])[];
  /** Equal for equal needs. */
  readonly key: string;

  constructor(amounts: readonly (readonly [name: string, amount: number])[]) {
    this.amounts = amounts;
    this.key = JSON.stringify(amounts);
  }
}

/**
 * Checks the amounts that a task needs. Returns undefined if it needs nothing.
 *
 * @throws {TypeError | RangeError} if they are not an object of integers from 0.
 */
export function checkNeed(what: string, given: Record<string, number>): Need | undefined {
  const amounts = checkAmounts(what, given).filter(([, amount]) => amount > 0);
  return amounts.length === 0 ? undefined : new Need(amounts.sort(([a], [b]) => a < b ? -1 : 1));
}

/** Checks amounts by name. */
export function checkAmounts(what: string, given: Record<string, number>): [name: string, amount: number][] {
  checkObject(what, given);
  return Object.entries(given).map((
    [name, amount],
  ) => [name, checkInteger(`${what.slice(0, -1)}.${name}'`, amount, 0)]);
}

/** Returns the need of a task with checked options; undefined if the task needs nothing. */
export function needOf({ options }: { readonly options: SubmitOptions }): Need | undefined {
  return options.resources as Need | undefined;
}
