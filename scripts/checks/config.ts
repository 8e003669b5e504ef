import { read } from "./sources.ts";

/** The members of deno.json and package.json that rules read. */
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

/** Lists the entry points: the files that deno.json exports, except the root module. */
export function entryPoints(): string[] {
  return Object.values(config("deno.json").exports).map((path) => path.replace(/^\.\//, "")).filter((path) =>
    path !== "mod.ts"
  );
}
