// Checks the rules of the project: `node scripts/run.mjs scripts/check.ts [name...]`; a name is a part of a rule's name.
//
// The last line gives the totals in the same form as scripts/test.ts, so that scripts/all.ts can add them.

import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pooledMap } from "@std/async";
import type { Check, Finding } from "./checks/check.ts";
import { cycles } from "./checks/cycles.ts";
import { exportsAgree, rootModule } from "./checks/exports.ts";
import { lockFile, noStrayTests, sizes, stray, tested } from "./checks/files.ts";
import { layers } from "./checks/layers.ts";
import { atomics, hosts, timers } from "./checks/names.ts";
import { tools } from "./checks/tools.ts";
import { identifiers, phrases } from "./checks/words.ts";
import { ROOT } from "./runner/root.ts";

const CHECKS: Check[] = [
  layers,
  cycles,
  hosts,
  atomics,
  timers,
  exportsAgree,
  rootModule,
  sizes,
  noStrayTests,
  stray,
  identifiers,
  phrases,
  lockFile,
  tested,
  ...tools,
];

/** Checks that run at the same time; most of them start one program that keeps one core busy. */
const CHECKS_AT_ONCE = 2;
/** The number of findings shown of advisory rules, unless the rule was requested by name. */
const MOST_ADVICE = 5;

if (!existsSync(join(ROOT, "node_modules"))) console.error("Cannot find node_modules: run 'npm ci' first");
const wanted = process.argv.slice(2);
const chosen = CHECKS.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
let [passed, failed] = [0, 0];
for await (const { check, findings } of pooledMap(CHECKS_AT_ONCE, chosen, run)) {
  const bad = findings.length > 0 && !check.advises;
  if (bad) failed++;
  else passed++;
  console.log(`${bad ? "FAIL" : findings.length > 0 ? "note" : "ok  "} ${check.name}`);
  const shown = check.advises && wanted.length === 0 ? findings.slice(0, MOST_ADVICE) : findings;
  for (const finding of shown) console.log(show(finding));
  if (shown.length < findings.length) console.log(`     ... and ${findings.length - shown.length} more`);
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && chosen.length > 0 ? 0 : 1;

async function run(check: Check): Promise<{ check: Check; findings: Finding[] }> {
  try {
    return { check, findings: await check.run() };
  } catch (error) {
    return { check, findings: [{ file: "scripts/check.ts", message: `The check failed: ${(error as Error).stack}` }] };
  }
}

function show({ file, line, message }: Finding): string {
  const [first, ...rest] = message.split("\n");
  const place = line === undefined ? file : `${file}:${line}`;
  return [`     ${place}: ${first}`, ...rest.map((text) => `       ${text}`)].join("\n");
}
