/**
 * Finds the program's configuration on Deno, which a worker does not find by itself.
 *
 * Deno searches for it from the main module. The main module of a worker process is a `data:` URL, from where Deno
 * finds no configuration, not even in the working directory. A thread has no main module at all. Both therefore receive
 * the configuration that was found from the program's main module, and pass it on to their own workers.
 *
 * @module
 */

import { workerScope } from "./worker_scope.ts";

/** The data about the program that a worker receives. */
export interface DenoProgram {
  /** The URL of the main module, if it is known. */
  readonly main: string | undefined;
  /** The flags that locate the configuration. */
  readonly flags: readonly string[];
}

/** The part of the `Deno` namespace used here. */
export interface DenoHost {
  readonly mainModule: string | undefined;
  readonly permissions: {
    querySync(descriptor: { name: string; path?: string; variable?: string }): { state: string };
  };
  readonly env: { get(name: string): string | undefined };
  statSync(path: URL): { isFile: boolean };
  readTextFileSync(path: URL): string;
}

/** A flag that locates configuration, with its value. */
interface ConfigFlag {
  readonly kind: "config" | "map" | "modules";
  readonly args: readonly string[];
}

let found: DenoProgram | undefined;

/** Returns the URL of the program's main module. */
export function mainModule(): string | undefined {
  return inherited()?.main ?? theHost().mainModule;
}

/** Returns the data about the program for workers. */
export function denoProgram(): DenoProgram {
  return found ??= inherited() ?? findProgram(theHost());
}

/**
 * Returns the flags for a process that is started with `execArgs`, and the data it receives. Flags of the caller
 * replace those that were found, so that each flag is passed once.
 */
export function programWith(
  execArgs: readonly string[],
  program: DenoProgram = denoProgram(),
): { flags: readonly string[]; program: DenoProgram } {
  const given = configFlags(execArgs);
  if (given.length === 0) return { flags: program.flags, program };
  const kinds = new Set(given.map(({ kind }) => kind));
  const kept = kinds.has("config") ? [] : configFlags(program.flags).filter(({ kind }) => !kinds.has(kind));
  const flags = kept.flatMap(({ args }) => args);
  return { flags, program: { ...program, flags: [...flags, ...given.flatMap(({ args }) => args)] } };
}

/** Returns the flags that locate configuration. */
function configFlags(args: readonly string[]): ConfigFlag[] {
  const flags: ConfigFlag[] = [];
  for (let place = 0; place < args.length; place++) {
    const [, name, value] = /^(-c|--[a-z-]+)(=.*)?$/s.exec(args[place]!) ?? [];
    const kind = KINDS[name ?? ""];
    if (kind === undefined) continue;
    const apart = kind !== "modules" && name !== "--no-config" && value === undefined;
    flags.push({ kind, args: apart ? args.slice(place, place + 2) : [args[place]!] });
  }
  return flags;
}

const KINDS: Record<string, ConfigFlag["kind"] | undefined> = {
  "-c": "config",
  "--config": "config",
  "--no-config": "config",
  "--import-map": "map",
  "--node-modules-dir": "modules",
};

/** Searches as Deno does: from the folder of the main module upwards, for the first folder with a configuration. */
export function findProgram(host: DenoHost): DenoProgram {
  const main = host.mainModule;
  let inPackage = false;
  for (let folder = main?.startsWith("file:") ? new URL(".", main) : undefined; folder !== undefined;) {
    const config = ["deno.json", "deno.jsonc"].map((name) => new URL(name, folder)).find((url) => isFile(host, url));
    // Above a package.json, only the root of its workspace counts.
    if (config !== undefined && (!inPackage || /"workspace"\s*:/.test(host.readTextFileSync(config)))) {
      return { main, flags: ["--config", pathOf(config)] };
    }
    inPackage ||= readsPackages(host) && isFile(host, new URL("package.json", folder));
    const above: URL = new URL("..", folder);
    folder = above.href === folder.href ? undefined : above;
  }
  // Deno does the same by itself if it finds a package.json.
  return { main, flags: inPackage ? ["--node-modules-dir=manual"] : [] };
}

/** Whether a file exists, if the program may check this without a prompt. */
function isFile(host: DenoHost, url: URL): boolean {
  try {
    return host.permissions.querySync({ name: "read", path: pathOf(url) }).state === "granted" &&
      host.statSync(url).isFile;
  } catch {
    return false;
  }
}

/** Whether Deno reads package.json files. */
function readsPackages(host: DenoHost): boolean {
  const variable = "DENO_NO_PACKAGE_JSON";
  if (host.permissions.querySync({ name: "env", variable }).state !== "granted") return true;
  return host.env.get(variable) !== "1";
}

function pathOf(url: URL): string {
  return decodeURIComponent(url.pathname);
}

function inherited(): DenoProgram | undefined {
  return workerScope()?.program as DenoProgram | undefined;
}

function theHost(): DenoHost {
  return (globalThis as unknown as { Deno: DenoHost }).Deno;
}
