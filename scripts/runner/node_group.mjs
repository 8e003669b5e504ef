// Runs several test files in one program of Node's: `node node_group.mjs a_test.js b_test.js`. The suite that each file
// becomes tells the reader in report.ts whose test it reads. Plain JavaScript, like the reporter.

import { describe } from "node:test";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

for (const file of process.argv.slice(2)) {
  describe(file, async () => {
    await import(pathToFileURL(resolve(file)).href);
  });
}
