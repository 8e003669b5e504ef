// node rollup.mjs <entry> <file>: builds the program with rollup, which needs plugins for types and packages.

import { stripTypeScriptTypes } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { rollup } from "rollup";

const [input, file] = process.argv.slice(2);

const source = {
  name: "source",
  resolveId: (specifier) => specifier.startsWith("@heddle/") ? fileURLToPath(import.meta.resolve(specifier)) : null,
  transform: (code) => ({ code: stripTypeScriptTypes(code), map: null }),
};

const bundle = await rollup({ input, external: /^node:/, plugins: [source] });
await bundle.write({ file, format: "es" });
await bundle.close();
