import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { permissionFlags } from "../../src/runtime/deno_permissions.ts";

interface Grants {
  /** Permissions that are granted completely. */
  whole?: string[];
  /** Permissions that the host does not know. */
  unknown?: string[];
  /** Permissions that are granted with an exception. */
  partial?: string[];
  read?: string[];
  write?: string[];
  import?: string[];
  cwd?: string | undefined;
  mainModule?: string;
}

interface Query {
  name: string;
  path?: string;
  host?: string;
}

const ALL = ["read", "write", "net", "env", "run", "ffi", "sys", "import"];
const MODULES = ["file:///srv/app/lib/worker.ts", "file:///srv/app/tasks/tasks.ts"];

/** Creates a program with the given permissions. */
function fakeHost(grants: Grants): unknown {
  const { whole = [], partial = [], unknown = [], mainModule = "file:///srv/app/main.ts" } = grants;
  const querySync = ({ name, path, host }: Query) => {
    if (unknown.includes(name)) throw new TypeError(`The provided value "${name}" is not a permission`);
    if (partial.includes(name)) return { state: "granted", partial: true };
    const folders = (grants as Record<string, string[] | undefined>)[name] ?? [];
    const inside = path !== undefined && folders.some((folder) => `${path}/`.startsWith(`${folder}/`));
    const allowed = whole.includes(name) || inside || (host !== undefined && folders.includes(host));
    return { state: allowed ? "granted" : "prompt" };
  };
  const cwd = () => {
    if ("cwd" in grants && grants.cwd === undefined) throw new Error("Requires read access");
    return grants.cwd ?? "/srv/app";
  };
  return { permissions: { querySync }, cwd, mainModule, execPath: () => "deno" };
}

function flagsOf(
  grants: Grants,
  wanted: "inherit" | "none" | readonly string[] = "inherit",
  modules = MODULES,
): string[] {
  const own = Object.getOwnPropertyDescriptor(globalThis, "Deno");
  Object.defineProperty(globalThis, "Deno", { value: fakeHost(grants), configurable: true, writable: true });
  try {
    return permissionFlags(wanted, modules);
  } finally {
    if (own === undefined) Reflect.deleteProperty(globalThis, "Deno");
    else Object.defineProperty(globalThis, "Deno", own);
  }
}

test("permissionFlags() passes everything on if everything is granted", () => {
  assertEquals(flagsOf({ whole: ALL }), ["--allow-all"]);
});

test("permissionFlags() passes on only complete grants", () => {
  assertEquals(flagsOf({ whole: ["read", "env"] }), ["--allow-read", "--allow-env"]);
  assertEquals(flagsOf({ whole: ALL.filter((name) => name !== "net") }), [
    "--allow-read",
    "--allow-write",
    "--allow-env",
    "--allow-run",
    "--allow-ffi",
    "--allow-sys",
    "--allow-import",
  ]);
  assertEquals(flagsOf({}), []);
});

test("permissionFlags() passes on no grant with an exception", () => {
  for (const name of ALL) {
    const flags = flagsOf({ whole: ALL.filter((other) => other !== name), partial: [name] });
    assertEquals(flags, ALL.filter((other) => other !== name).map((other) => `--allow-${other}`), name);
  }
});

test("permissionFlags() finds the highest readable folders above modules, main module and working directory", () => {
  assertEquals(flagsOf({ read: ["/srv/app"] }), ["--allow-read=/srv/app"]);
  assertEquals(flagsOf({ read: ["/srv/app/lib", "/srv/app/tasks/tasks.ts"] }), [
    "--allow-read=/srv/app/lib,/srv/app/tasks/tasks.ts",
  ]);
  assertEquals(flagsOf({ read: ["/data"], cwd: "/data/today" }), ["--allow-read=/data"]);
  assertEquals(flagsOf({ read: ["/elsewhere"] }), []);
});

test("permissionFlags() keeps read and write permissions apart", () => {
  const flags = flagsOf({ read: ["/srv/app"], write: ["/srv/app/out"], cwd: "/srv/app/out" });
  assertEquals(flags, ["--allow-read=/srv/app", "--allow-write=/srv/app/out"]);
});

test("permissionFlags() works if the working directory may not be read", () => {
  assertEquals(flagsOf({ read: ["/srv/app/lib"], cwd: undefined }), ["--allow-read=/srv/app/lib"]);
});

test("permissionFlags() writes paths in the form of the command line", () => {
  const modules = ["file:///srv/a%20b,c/%C3%A4.ts"];
  const grants = { read: ["/srv/a b,c"], cwd: "/", mainModule: "file:///main.ts" };
  assertEquals(flagsOf(grants, "inherit", modules), ["--allow-read=/srv/a b,,c"]);
});

test("permissionFlags() finds a grant next to a working directory with characters that URLs escape", () => {
  for (const cwd of ["/srv/100% #1?", "/srv/ä b"]) assertEquals(flagsOf({ read: [cwd], cwd }), [`--allow-read=${cwd}`]);
});

test("permissionFlags() passes the granted hosts of remote modules on", () => {
  const modules = ["https://example.com/a.ts", "https://example.org:8443/b.ts", "http://127.0.0.1/c.ts", ...MODULES];
  const flags = flagsOf({ import: ["example.com:443", "127.0.0.1:80", "unrelated.net:443"] }, "inherit", modules);
  assertEquals(flags, ["--allow-import=example.com:443,127.0.0.1:80"]);
});

test("permissionFlags() for 'none' lets a process read only its own modules", () => {
  assertEquals(flagsOf({ whole: ALL }, "none"), ["--allow-read=/srv/app/lib,/srv/app/tasks"]);
  assertEquals(flagsOf({}, "none"), []);
  const remote = ["https://example.com/a.ts"];
  assertEquals(flagsOf({ whole: ["import"] }, "none", remote), ["--allow-import=example.com:443"]);
});

test("permissionFlags() passes given flags on unchanged", () => {
  const given = ["--allow-net=127.0.0.1", "--deny-env"];
  assertEquals(flagsOf({ whole: ALL }, given), given);
  assertEquals(flagsOf({ whole: ALL }, []), []);
});

test("permissionFlags() treats a failed query as not granted", () => {
  const known = ALL.filter((name) => name !== "import");
  assertEquals(flagsOf({ whole: ALL, unknown: ["import"] }), known.map((name) => `--allow-${name}`));
});
