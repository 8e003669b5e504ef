// Main programs without a guard, as most are written; guard_long_test.ts has the others.

import { testGuard } from "./guard_cases.ts";

testGuard("threads", "await");
testGuard("processes", "await");
testGuard("threads", "late");
testGuard("processes", "exits");
