// Tests all forms of a main program without a guard.
// Deadline: 240 s

import { type Main, testGuard } from "./guard_cases.ts";

const MAINS: readonly Main[] = ["await", "async", "caught", "exits", "late", "fails", "one"];

for (const main of MAINS) {
  testGuard("threads", main);
  testGuard("processes", main);
}
