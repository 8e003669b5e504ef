// node vite.mjs <entry> <folder> [minify]: builds the program with vite, as for a server.

import process from "node:process";
import { build } from "vite";

const [entry, outDir, minify] = process.argv.slice(2);

await build({
  configFile: false,
  logLevel: "warn",
  ssr: { noExternal: true },
  build: { ssr: entry, outDir, minify: minify === "minify", rollupOptions: { output: { entryFileNames: "main.mjs" } } },
});
