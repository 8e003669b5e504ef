// Loaded by every thread and process of a test on a Node that cannot keep what it has stripped of types: there it takes longer
// than all else that a thread does when it starts. What is run is the same, stripped once.

import { createHash } from "node:crypto";
import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const folder = process.env.HEDDLE_STRIPPED;

if (folder !== undefined) {
  registerHooks({
    load(url, context, next) {
      if (!url.startsWith("file:") || !url.endsWith(".ts")) return next(url, context);
      return { format: "module", source: stripped(fileURLToPath(url)), shortCircuit: true };
    },
  });
}

function stripped(path) {
  const { mtimeMs, size } = statSync(path);
  const name = createHash("sha1").update(`${path} ${mtimeMs} ${size}`).digest("hex");
  const kept = join(folder, name);
  try {
    return readFileSync(kept, "utf8");
  } catch {
    const source = strip(readFileSync(path, "utf8"));
    const draft = `${kept}.${process.pid}.${Math.random()}`;
    writeFileSync(draft, source);
    renameSync(draft, kept);
    return source;
  }
}

/** Strips types without the warning that this is how it is done. */
function strip(source) {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source, { mode: "strip" });
  } finally {
    process.emitWarning = emitWarning;
  }
}
