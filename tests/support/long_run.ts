// How much a test does: `npm run test:long` asks for more than `npm test`.

import process from "node:process";

/** Whether this is a run of the long set. */
export const LONG_RUN: boolean = process.env.HEDDLE_TEST_LONG === "1";

/** The first figure in a usual run, the second in a long one. */
export function scaled(usual: number, long: number): number {
  return LONG_RUN ? long : usual;
}
