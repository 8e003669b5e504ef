// Runs several test files in one isolate of Deno: `deno test deno_group.mjs -- a_test.ts b_test.ts`. Given the files
// themselves, `deno test` makes an isolate for each, and each loads the library anew. The names of the tests begin with the
// file's name, which tells the reader in report.ts whose test it reads. Plain JavaScript, like the reporter.

import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

const register = Deno.test;
for (const file of process.argv.slice(2)) {
  // What `node:test` calls for each test.
  Deno.test = (options) => register({ ...options, name: `${file} > ${options.name}` });
  await import(pathToFileURL(resolve(file)).href);
}
