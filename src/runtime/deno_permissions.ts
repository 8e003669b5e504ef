/**
 * Determines the permissions of a worker process on Deno.
 *
 * @module
 */

import { mainModule } from "./deno_config.ts";

/** The part of `Deno.permissions` used here. */
interface Permissions {
  querySync(descriptor: { name: string; path?: string; host?: string; command?: string }): {
    state: string;
    partial?: boolean;
  };
}

interface DenoHost {
  permissions: Permissions;
  execPath(): string;
  cwd(): string;
}

const KINDS = ["read", "write", "net", "env", "run", "ffi", "sys", "import"];

/**
 * Returns the flags that give a process the permissions of this program, and never more.
 *
 * A program can query a permission, but not list its permissions. An unrestricted grant is passed on as such. A read or
 * write grant for a folder is found by querying the folders above a module of the pool, the main module and the working
 * directory. Grants of `net`, `env`, `run`, `ffi` and `sys` for some hosts, names or programs are not passed on. A
 * grant with an exception (`--deny-...`) is not passed on either, because the exception is not visible.
 */
export function permissionFlags(wanted: "inherit" | "none" | readonly string[], modules: readonly string[]): string[] {
  const host = (globalThis as unknown as { Deno: DenoHost }).Deno;
  if (wanted === "none") return modulePermissions(host, modules);
  if (wanted !== "inherit") return [...wanted];
  const flags: string[] = [];
  for (const name of KINDS) {
    if (granted(host, { name })) flags.push(`--allow-${name}`);
    else if (name === "read" || name === "write") flags.push(...folderFlags(host, name, modules));
    else if (name === "import") flags.push(...importFlags(host, modules));
  }
  return flags.length === KINDS.length && flags.every((flag) => !flag.includes("=")) ? ["--allow-all"] : flags;
}

/** Returns the missing flags that this program needs to start processes for tasks of these modules. */
export function missingForProcesses(modules: readonly string[]): string[] {
  const host = (globalThis as unknown as { Deno: DenoHost }).Deno;
  const executable = host.execPath();
  return [
    ...(granted(host, { name: "run", command: executable }) ? [] : [`--allow-run=${escape(executable)}`]),
    ...(granted(host, { name: "env" }) ? [] : ["--allow-env"]),
    ...missingForModules(modules),
  ];
}

/** Returns the missing flags that this program needs to load modules. */
export function missingForModules(modules: readonly string[]): string[] {
  const host = (globalThis as unknown as { Deno: DenoHost }).Deno;
  const refused = hostsOf(modules).filter((name) => !granted(host, { name: "import", host: name }));
  return [
    ...(modules.every(mayRead) ? [] : ["--allow-read"]),
    ...(refused.length === 0 ? [] : [`--allow-import=${refused.join(",")}`]),
  ];
}

/** Whether this program may read a module; a module that is not a file needs no such permission. */
export function mayRead(module: string): boolean {
  const host = (globalThis as unknown as { Deno: DenoHost }).Deno;
  return !module.startsWith("file:") || granted(host, { name: "read", path: pathOf(new URL(module)) });
}

/** Whether this program may read its environment, as process pools must. */
export function mayReadEnvironment(): boolean {
  return granted((globalThis as unknown as { Deno: DenoHost }).Deno, { name: "env" });
}

/**
 * Returns the flags for a process without permissions: it may read the folders of its modules, or it could not load its
 * task.
 */
function modulePermissions(host: DenoHost, modules: readonly string[]): string[] {
  const folders = modules.filter((url) => url.startsWith("file:")).map((url) => pathOf(new URL(".", url)));
  const readable = [...new Set(folders)].filter((path) => granted(host, { name: "read", path }));
  return [
    ...(readable.length > 0 ? [`--allow-read=${readable.map(escape).join(",")}`] : []),
    ...importFlags(host, modules),
  ];
}

/**
 * Returns the flags for the highest folders above the modules and the working directory that this program may access.
 */
function folderFlags(host: DenoHost, name: string, modules: readonly string[]): string[] {
  const starts = [...modules, mainModule() ?? ""].filter((url) => url.startsWith("file:"));
  const here = workingDirectory(host);
  if (here !== undefined) starts.push(here);
  const found = new Set<string>();
  for (const start of starts) {
    let highest: string | undefined;
    for (let url = new URL(start);;) {
      const path = pathOf(url);
      if (granted(host, { name, path })) highest = path;
      const above = new URL(url.pathname.endsWith("/") ? ".." : ".", url);
      if (above.href === url.href) break;
      url = above;
    }
    if (highest !== undefined) found.add(highest);
  }
  return found.size === 0 ? [] : [`--allow-${name}=${[...found].map(escape).join(",")}`];
}

/** Returns the flag for the hosts of the modules, as far as this program has the permission. */
function importFlags(host: DenoHost, modules: readonly string[]): string[] {
  const allowed = hostsOf(modules).filter((name) => granted(host, { name: "import", host: name }));
  return allowed.length === 0 ? [] : [`--allow-import=${allowed.join(",")}`];
}

/** Returns the hosts from which modules are imported. */
function hostsOf(modules: readonly string[]): string[] {
  const remote = modules.filter((url) => /^https?:/.test(url)).map((url) => new URL(url));
  return [...new Set(remote.map((url) => `${url.hostname}:${url.port || (url.protocol === "https:" ? 443 : 80)}`))];
}

function granted(
  host: DenoHost,
  descriptor: { name: string; path?: string; host?: string; command?: string },
): boolean {
  try {
    const status = host.permissions.querySync(descriptor);
    return status.state === "granted" && status.partial !== true;
  } catch {
    return false;
  }
}

function workingDirectory(host: DenoHost): string | undefined {
  try {
    const path = host.cwd().split("/").map(encodeURIComponent).join("/");
    return new URL(`file://${path}/`).href;
  } catch {
    return undefined;
  }
}

function pathOf(url: URL): string {
  const path = decodeURIComponent(url.pathname);
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

/** Doubles the commas in a path: the command line treats a single one as a separator. */
function escape(path: string): string {
  return path.replaceAll(",", ",,");
}
