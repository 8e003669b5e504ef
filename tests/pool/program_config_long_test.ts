// Tests that workers and nested workers on Deno find the configuration of their program, from every working directory.
// Deadline: 240 s

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { assertEquals } from "@std/assert";
import { runProgram } from "../support/program.ts";
import { RUNTIME } from "../support/runtime.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

const ONLY_DENO_HAS_ONE = RUNTIME === "deno" ? false : "only Deno looks for a configuration";
const options = { timeout: SLOW_TEST_LIMIT, skip: ONLY_DENO_HAS_ONE };

const LIBRARY = new URL("../../mod.ts", import.meta.url).href;

/** A module that can be imported only with the configuration. */
const TASKS = `import { word } from "heddle-word";
import { ProcessPoolExecutor, task, ThreadPoolExecutor } from ${JSON.stringify(LIBRARY)};

export const reach = task(import.meta, async function reach(...kinds) {
  const [kind, ...rest] = kinds;
  if (kind === undefined) return word;
  const pool = kind === "thread" ? new ThreadPoolExecutor({ maxWorkers: 1 }) : new ProcessPoolExecutor({ maxWorkers: 1 });
  try {
    return [kind, await pool.submit(reach, ...rest)].flat();
  } finally {
    await pool.shutdown();
  }
});
`;

const MAIN = `import { reach } from "./tasks.ts";
for (const way of JSON.parse(Deno.args[0])) console.log((await reach(...way)).join(" "));
`;

const WAYS = [["process"], ["thread", "process"], ["process", "thread", "process"], ["process", "process"]];

const PACKAGE_JSON = JSON.stringify({ type: "module", dependencies: { "heddle-word": "1.0.0" } });
const WORD = {
  "node_modules/heddle-word/package.json": JSON.stringify({
    name: "heddle-word",
    type: "module",
    exports: "./word.js",
  }),
  "node_modules/heddle-word/word.js": "export const word = 'found';",
};

const CONFIGURATIONS: Record<string, Record<string, string>> = {
  "a package.json without a deno.json": { "package.json": PACKAGE_JSON, ...WORD },
  "a package.json above the program": { "../package.json": PACKAGE_JSON, ...prefixed("../", WORD) },
  "a package.json below a deno.json": { "../deno.json": "{}", "package.json": PACKAGE_JSON, ...WORD },
  "a deno.json with imports": {
    "deno.json": JSON.stringify({ imports: { "heddle-word": "./word.ts" } }),
    "word.ts": "export const word = 'found';",
  },
  "a deno.jsonc with an import map": {
    "../deno.jsonc": '{ "importMap": "./map.json" } // with a comment',
    "../map.json": JSON.stringify({ imports: { "heddle-word": "./word.ts" } }),
    "../word.ts": "export const word = 'found';",
  },
};

for (const [name, files] of Object.entries(CONFIGURATIONS)) {
  test(`workers of a program with ${name} find it, and so do nested workers`, options, async () => {
    await withProgram(files, async (main) => {
      const { stdout, stderr, code } = await runProgram(main, { args: [JSON.stringify(WAYS)] });
      assertEquals([stderr, code], ["", 0]);
      assertEquals(stdout.trim().split("\n"), WAYS.map((way) => [...way, "found"].join(" ")));
    });
  });
}

test("a process takes another configuration from its flags, and passes it on", options, async () => {
  const map = (word: string) => JSON.stringify({ imports: { "heddle-word": word } });
  const files = {
    "deno.json": map("./word.ts"),
    "other.json": map("./other.ts"),
    "word.ts": "export const word = 'found';",
    "other.ts": "export const word = 'other';",
    "main.ts": `import { ProcessPoolExecutor } from ${JSON.stringify(LIBRARY)};
      import { reach } from "./tasks.ts";
      const execArgs = ["--config", new URL("./other.json", import.meta.url).pathname];
      const pool = new ProcessPoolExecutor({ maxWorkers: 1, execArgs });
      console.log(await pool.submit(reach), (await pool.submit(reach, "thread", "process")).join(" "));
      await pool.shutdown();`,
  };
  await withProgram(files, async (main) => {
    const { stdout, stderr, code } = await runProgram(main);
    assertEquals([stdout, stderr, code], ["other thread process other\n", "", 0]);
  });
});

async function withProgram(files: Record<string, string>, use: (main: string) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "heddle-config-"));
  const folder = join(root, "app");
  try {
    for (const [name, text] of Object.entries({ "tasks.ts": TASKS, "main.ts": MAIN, ...files })) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    await use(pathToFileURL(join(folder, "main.ts")).href);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function prefixed(prefix: string, files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [prefix + name, text]));
}
