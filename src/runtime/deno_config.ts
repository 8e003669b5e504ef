/**
 * The configuration of the program on Deno, which a worker does not find by itself.
 *
 * Deno looks for it from the main module on. The main module of a process that is started here is a `data:` URL, from where
 * nothing is found, not even in the working directory; a thread has no main module at all. Both are therefore told what was
 * found from the program's main module, and pass it on to their own workers.
 *
 * @module
 */

import { workerScope } from "./worker_scope.ts";

/** What a worker is told of its program. */
export interface DenoProgram {
  /** The address of the main module, if it is known. */
  readonly main: string | undefined;
  /** The flags that say where the configuration is. */
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

/** A flag about the configuration, with its value. */
interface ConfigFlag {
  readonly kind: "config" | "map" | "modules";
  readonly args: readonly string[];
}

let found: DenoProgram | undefined;

/** Returns the address of the program's main module. */
export function mainModule(): string | undefined {
  return inherited()?.main ?? theHost().mainModule;
}

/** Returns what workers are told of the program. */
export function denoProgram(): DenoProgram {
  return found ??= inherited() ?? findProgram(theHost());
}

/**
 * Returns the flags for a process that is started with further ones, and what it is told of the program. Flags about the
 * configuration are given once: those of the caller take the place of those that were found.
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

/** Picks the flags about the configuration. */
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

/** Looks where Deno looks: the first folder with a configuration counts, from that of the main module upwards. */
export function findProgram(host: DenoHost): DenoProgram {
  const main = host.mainModule;
  let inPackage = false;
  for (let folder = main?.startsWith("file:") ? new URL(".", main) : undefined; folder !== undefined;) {
    const config = ["deno.json", "deno.jsonc"].map((name) => new URL(name, folder)).find((url) => isFile(host, url));
    // Above a package.json only the root of its workspace counts.
    if (config !== undefined && (!inPackage || /"workspace"\s*:/.test(host.readTextFileSync(config)))) {
      return { main, flags: ["--config", pathOf(config)] };
    }
    inPackage ||= readsPackages(host) && isFile(host, new URL("package.json", folder));
    const above: URL = new URL("..", folder);
    folder = above.href === folder.href ? undefined : above;
  }
  // What Deno does by itself where it finds a package.json.
  return { main, flags: inPackage ? ["--node-modules-dir=manual"] : [] };
}

/** Whether there is such a file, as far as the program may know without asking its user. */
function isFile(host: DenoHost, url: URL): boolean {
  try {
    return host.permissions.querySync({ name: "read", path: pathOf(url) }).state === "granted" &&
      host.statSync(url).isFile;
  } catch {
    return false;
  }
}

/** Whether Deno takes notice of package.json files. */
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
