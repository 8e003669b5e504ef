import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { layOut, write } from "../../scripts/runner/npm_layout.ts";
import { ROOT } from "../../scripts/runner/root.ts";
import { snippetsOf } from "../../scripts/runner/snippets.ts";
import { runFile } from "./support.ts";

const GUIDE = readFileSync(join(ROOT, "scripts", "examples", "coming_from_npm.md"), "utf8");
const PACKAGES = [
  "piscina",
  "tinypool",
  "workerpool",
  "jest-worker",
  "comlink",
  "p-limit",
  "p-queue",
  "bottleneck",
  "async-mutex",
];
/** The compared packages need a recent Node. */
const NODE_24_ONLY = process.versions.deno !== undefined || process.versions.bun !== undefined ||
    Number.parseInt(process.versions.node) < 24 || !existsSync(join(ROOT, "node_modules", "comlink"))
  ? "the packages are compared on Node 24"
  : false;

/** Runs both sides of each row of a section, and prints their results as one line of JSON. */
const DRIVER = `
import { rows as theirs } from "./theirs.ts";
import { rows as ours } from "./ours.ts";
for (let i = 0; i < theirs.length; i++) {
  const [a, b] = [await theirs[i](), await ours[i]()];
  console.log(JSON.stringify([a ?? null, b ?? null]));
}
`;

test("every row of coming_from_npm.md has the same result on both sides", { skip: NODE_24_ONLY }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "heddle-npm-"));
  try {
    layOut(folder);
    for (const name of PACKAGES) symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name));
    write(join(folder, "package.json"), JSON.stringify({ type: "module", private: true }));
    const sections = GUIDE.split(/^## /m).slice(1).map(sectionOf).filter(({ rows }) => rows.length > 0);
    assertEquals(sections.map(({ name }) => name), PACKAGES);
    for (const { name, theirs, ours, rows } of sections) {
      const own = join(folder, name);
      for (const { file, code } of snippetsOf(GUIDE)) write(join(own, file), code);
      write(join(own, "theirs.ts"), theirs + rowsOf(rows.map(([cell]) => cell)));
      write(join(own, "ours.ts"), ours + rowsOf(rows.map(([, cell]) => cell)));
      write(join(own, "main.ts"), DRIVER);
    }
    write(join(folder, "all.ts"), sections.map(({ name }) => `await import("./${name}/main.ts");\n`).join(""));
    const lines = (await runFile([join(folder, "all.ts")], folder)).trimEnd().split("\n");
    const cells = sections.flatMap(({ rows }) => rows);
    assertEquals(lines.length, cells.length);
    for (const [i, line] of lines.entries()) {
      const [theirs, ours] = JSON.parse(line);
      // Calls that end a pool or release a lock have no result here.
      if (ours !== null) assertEquals(theirs, ours, cells[i]!.join(" / "));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

interface Section {
  name: string;
  theirs: string;
  ours: string;
  rows: [theirs: string, ours: string][];
}

function sectionOf(text: string): Section {
  const block = (title: string): string =>
    new RegExp(`^\`\`\`ts\\n// ${title}\\n(.*?)^\`\`\`$`, "ms").exec(text)?.[1] ?? "";
  const rows = [...text.matchAll(/^\| `(.+?)` +\| `(.+?)` +\|$/gm)].map(([, a, b]): [string, string] => [a!, b!]);
  return { name: /^\S+/.exec(text)![0], theirs: block("theirs"), ours: block("ours"), rows };
}

function rowsOf(cells: string[]): string {
  return `\nexport const rows = [\n${cells.map((cell) => `  async () => (${cell}),\n`).join("")}];\n`;
}
