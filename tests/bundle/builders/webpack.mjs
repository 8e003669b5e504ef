// node webpack.mjs <entry> <folder>: builds the program with webpack. `importMeta: false` leaves `import.meta` alone: webpack
// would put the address of each source file in its place.

import process from "node:process";
import { fileURLToPath } from "node:url";
import webpack from "webpack";

const [entry, path] = process.argv.slice(2);

const compiler = webpack({
  mode: "production",
  target: "node22",
  entry,
  experiments: { outputModule: true },
  output: { path, filename: "main.mjs", module: true },
  module: {
    parser: { javascript: { importMeta: false } },
    rules: [{ test: /\.ts$/, use: fileURLToPath(new URL("./strip_loader.cjs", import.meta.url)) }],
  },
});
compiler.run((error, stats) => {
  if (error ?? stats.hasErrors()) process.exitCode = 1;
  console.log(error ?? stats.toString({ all: false, errors: true, warnings: true }));
});
