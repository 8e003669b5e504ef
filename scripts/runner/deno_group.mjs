// Runs several test files in one isolate of Deno: `deno test deno_group.mjs -- a_test.ts b_test.ts`. If it gets the files
// directly, `deno test` makes an isolate for each, and each loads the library again. The names of tests begin with the name of
// their file, from which report.ts assigns them. Plain JavaScript, like the reporter.

import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

const register = Deno.test;
for (const file of process.argv.slice(2)) {
  // `node:test` calls this function for each test.
  Deno.test = (options) => register({ ...options, name: `${file} > ${options.name}` });
  await import(pathToFileURL(resolve(file)).href);
}
