// Tests the common forms of a main program without a guard; guard_long_test.ts tests the others.

import { pathToFileURL } from "node:url";
import { runProgram } from "../support/program.ts";
import { type BuildAndRun, testGuard } from "./guard_cases.ts";

/** Runs the program from its sources, which a worker loads to run its task. */
const runSources: BuildAndRun = (program, _folder, env) => runProgram(pathToFileURL(program).href, { env });

testGuard("threads", "await");
testGuard("processes", "await");
testGuard("threads", "late");
testGuard("processes", "exits");
testGuard("threads", "late", "main module", runSources);
testGuard("processes", "late", "main module", runSources);
