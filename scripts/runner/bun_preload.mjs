// Sets the time limit of a test under `bun test`: Bun's default of five seconds is too short for tests that start processes on a
// busy machine. The command line flag does not help users who run plain `bun test`, and Bun ignores a `timeout` in bunfig.toml.
// Setting it once here is tempting, but applies only to the first file; so it is set whenever a test file is loaded.
// Plain JavaScript, because the type checkers of the other runtimes do not know "bun:test".

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
