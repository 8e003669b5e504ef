// Gives `bun test` its patience with one test: Bun's five seconds are short for tests that start processes on a busy machine.
// The flag for it does not help those who just say `bun test`, nothing reads a `timeout` in bunfig.toml, and to set it here,
// once, is no use either: it holds for the first file alone. So it is set whenever a test file is loaded.
// Plain JavaScript, because the other runtimes' type checkers do not know "bun:test".

import { readFileSync } from "node:fs";
import process from "node:process";
import { plugin } from "bun";
import { setDefaultTimeout } from "bun:test";

const TIMEOUT = Number(process.env.HEDDLE_TEST_TIMEOUT ?? 60_000);

plugin({
  name: "timeout",
  setup(build) {
    build.onLoad({ filter: /_test\.ts$/ }, ({ path }) => {
      setDefaultTimeout(TIMEOUT);
      return { contents: readFileSync(path, "utf8"), loader: "ts" };
    });
  },
});
