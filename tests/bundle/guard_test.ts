// Main programs without a guard, as most are written; guard_long_test.ts has the others.

import { pathToFileURL } from "node:url";
import { runProgram } from "../support/program.ts";
import { type BuildAndRun, testGuard } from "./guard_cases.ts";

/** Runs the program from its sources: a worker loads it when it is to run its task. */
const runSources: BuildAndRun = (program, _folder, env) => runProgram(pathToFileURL(program).href, { env });

testGuard("threads", "await");
testGuard("processes", "await");
testGuard("threads", "late");
testGuard("processes", "exits");
testGuard("threads", "late", "main module", runSources);
testGuard("processes", "late", "main module", runSources);
