// Scales the amount of work in tests: `npm run test:long` asks for more than `npm test`.

import process from "node:process";

/** Whether this is a run of the long set. */
export const LONG_RUN: boolean = process.env.HEDDLE_TEST_LONG === "1";

/** Returns the first number in a usual run, and the second in a long run. */
export function scaled(usual: number, long: number): number {
  return LONG_RUN ? long : usual;
}
