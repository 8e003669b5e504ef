// Runs several test files in one Node program: `node node_group.mjs a_test.js b_test.js`. Each file becomes a suite, by which
// report.ts assigns the tests. Plain JavaScript, like the reporter.

import { describe } from "node:test";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

for (const file of process.argv.slice(2)) {
  describe(file, async () => {
    await import(pathToFileURL(resolve(file)).href);
  });
}
