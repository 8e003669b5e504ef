import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the checkout. */
export const ROOT: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Where packages are installed. A copy of the suite lies in the cache there, and uses them too. */
export const MODULES: string = basename(dirname(ROOT)) === ".cache"
  ? dirname(dirname(ROOT))
  : join(ROOT, "node_modules");
