// Gives `bun test` its patience with one test. The flag for it does not help those who just say `bun test`, and nothing
// reads a `timeout` in bunfig.toml, while Bun's five seconds are short for tests that start processes on a busy machine.
// Plain JavaScript, because the other runtimes' type checkers do not know "bun:test".

import process from "node:process";
import { setDefaultTimeout } from "bun:test";

setDefaultTimeout(Number(process.env.HEDDLE_TEST_TIMEOUT ?? 60_000));
