// Brings the reports of the test runners into one form.
//
// Deno and Bun write JUnit files, Node writes events through node_reporter.mjs. Their terminal output is used only to guess which
// test hung: tests print there too, and may print text that looks like a report.

import { posix } from "node:path";

/** One test. */
export interface Case {
  name: string;
  outcome: "passed" | "failed" | "skipped";
  /** The reason for a failure. */
  detail: string;
  /** The duration in milliseconds; 0 if the runner does not report it. */
  time: number;
}

/** Reads a JUnit file as `deno test --junit-path` and `bun test --reporter=junit` write it. */
export function readJunit(xml: string): Case[] {
  return [...readJunitFiles(xml).values()].flat();
}

/** Reads a JUnit file, grouped by the file of each test. For Deno this is the file that called `test`. */
export function readJunitFiles(xml: string): Map<string, Case[]> {
  const cases = new Map<string, Case[]>();
  for (
    const [, attributes = "", body = ""] of xml.matchAll(
      /<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g,
    )
  ) {
    const suite = attribute(attributes, "classname");
    const name = attribute(attributes, "name");
    // Bun names the suite here; Deno names the file, for which Bun has another attribute.
    const file = posix.normalize(attribute(attributes, "file") || suite);
    const full = suite === "" || /\.(?:ts|mjs)$/.test(suite) ? name : `${suite} > ${name}`;
    const time = Math.round(1_000 * Number(attribute(attributes, "time")));
    add(cases, file, { name: full, outcome: outcomeOf(body), detail: detailOf(body), time });
  }
  return new Map([...cases].map(([file, own]) => [file, withoutParents(own)]));
}

/** Reads the lines of node_reporter.mjs: a line when a test starts, another when it ends. */
export function readEvents(lines: string): Case[] {
  const cases: Case[] = [];
  for (const line of lines.split("\n")) {
    if (!line.endsWith("}")) continue;
    const { event, name, outcome, detail, time = 0 } = JSON.parse(line);
    if (event === "end") cases.push({ name, outcome, detail, time });
  }
  return withoutParents(cases);
}

/** Groups the tests of several files that ran as one by the file name with which their names begin. */
export function byFile(tests: readonly Case[]): Map<string, Case[]> {
  const cases = new Map<string, Case[]>();
  for (const { name, ...rest } of tests) {
    const [file = "", ...path] = name.split(" > ");
    // A file that is itself a test has no tests in it, or could not be loaded.
    if (path.length > 0) add(cases, file, { name: path.join(" > "), ...rest });
  }
  return cases;
}

/** Names the test that was running when the file was killed, as far as that can be told from outside. */
export function guessHanging(source: string, report: string, output: string): string | undefined {
  const running = startedOnly(report) ?? /(?:^|\n)\s*(\S[^\n]*?) \.\.\.\s*$/.exec(output)?.[1];
  if (running !== undefined) return running;
  // A busy loop stops the reporter too: then it is the first test in source order without a report.
  const names = [...source.matchAll(/^\s*(?:test|it)\(\s*(["'`])(.*?)\1/gm)].map((match) => match[2]!);
  const shown = (name: string): boolean => new RegExp(`\\((?:pass|fail|skip)\\) ${escape(name)}`).test(output);
  return names.find((name) => !shown(name) && !report.includes(JSON.stringify(name)));
}

function add(cases: Map<string, Case[]>, file: string, test: Case): void {
  const own = cases.get(file) ?? [];
  own.push(test);
  cases.set(file, own);
}

function startedOnly(report: string): string | undefined {
  const running = new Set<string>();
  for (const line of report.split("\n")) {
    if (!line.startsWith("{") || !line.endsWith("}")) continue;
    const { event, name } = JSON.parse(line);
    if (event === "start") running.add(name);
    else running.delete(name);
  }
  return [...running].at(-1);
}

/** Drops a test with subtests unless it failed without a failed subtest. */
function withoutParents(cases: Case[]): Case[] {
  return cases.filter(({ name, outcome }) => {
    const children = cases.filter((other) => other.name.startsWith(`${name} > `));
    if (children.length === 0) return true;
    return outcome === "failed" && children.every((child) => child.outcome !== "failed");
  });
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function outcomeOf(body: string): Case["outcome"] {
  if (/<(failure|error)\b/.test(body)) return "failed";
  return /<skipped\b/.test(body) ? "skipped" : "passed";
}

function detailOf(body: string): string {
  const [, attributes = "", text = ""] = /<(?:failure|error)\b([^>]*?)(?:\/>|>([\s\S]*?)<\/)/.exec(body) ??
    [];
  return unescape(text).trim() || attribute(attributes, "message");
}

function attribute(attributes: string, name: string): string {
  return unescape(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
}

function unescape(text: string): string {
  const named: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(#x?[0-9a-fA-F]+|\w+);/g, (whole, code: string) => {
    if (!code.startsWith("#")) return named[code] ?? whole;
    return String.fromCodePoint(code[1] === "x" ? parseInt(code.slice(2), 16) : Number(code.slice(1)));
  });
}
