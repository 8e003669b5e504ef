import { read } from "./sources.ts";

/** What the rules read in deno.json and package.json. */
export interface Config {
  name: string;
  version: string;
  license: string;
  exports: Record<string, string>;
  imports?: Record<string, string>;
  devDependencies?: Record<string, string>;
  publish?: { include?: string[] };
}

/** Reads deno.json or package.json. */
export function config(path: "deno.json" | "package.json"): Config {
  return JSON.parse(read(path).text);
}

/** The doors: the files that deno.json exports, the root module left out. */
export function doors(): string[] {
  return Object.values(config("deno.json").exports).map((path) => path.replace(/^\.\//, "")).filter((path) =>
    path !== "mod.ts"
  );
}
