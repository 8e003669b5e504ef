import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { type DenoHost, findProgram, programWith } from "../../src/runtime/deno_config.ts";

interface Disk {
  /** Texts by path. */
  files: Record<string, string>;
  main?: string | undefined;
  /** Paths that may not be read. */
  hidden?: RegExp;
  variables?: Record<string, string>;
}

/** Creates a host with these files. */
function hostWith({ files, main = "file:///srv/app/src/main.ts", hidden = /^$/, variables }: Disk): DenoHost {
  const asked = (path: string) => {
    if (hidden.test(path)) throw new Error(`Asked for ${path}`);
    return files[path];
  };
  return {
    mainModule: main,
    permissions: {
      querySync: ({ name, path }) => {
        if (name === "env") return { state: variables === undefined ? "prompt" : "granted" };
        return { state: hidden.test(path ?? "") ? "prompt" : "granted" };
      },
    },
    env: {
      get: (name) => {
        if (variables === undefined) throw new Error("Asked for the environment");
        return variables[name];
      },
    },
    statSync: (url) => {
      const path = decodeURIComponent(url.pathname);
      if (asked(path) === undefined) throw new Error(`No such file: ${path}`);
      return { isFile: true };
    },
    readTextFileSync: (url) => asked(decodeURIComponent(url.pathname))!,
  };
}

function flagsWith(disk: Disk): readonly string[] {
  return findProgram(hostWith(disk)).flags;
}

test("findProgram() finds the configuration next to the main module or above it", () => {
  assertEquals(flagsWith({ files: { "/srv/app/src/deno.json": "{}" } }), ["--config", "/srv/app/src/deno.json"]);
  assertEquals(flagsWith({ files: { "/srv/deno.jsonc": "{}" } }), ["--config", "/srv/deno.jsonc"]);
  assertEquals(flagsWith({ files: { "/deno.json": "{}" } }), ["--config", "/deno.json"]);
  const both = { "/srv/app/deno.json": "{}", "/srv/app/deno.jsonc": "{}", "/srv/deno.json": "{}" };
  assertEquals(flagsWith({ files: both }), ["--config", "/srv/app/deno.json"]);
  assertEquals(flagsWith({ files: {} }), []);
});

test("findProgram() treats a package.json like Deno", () => {
  const manual = ["--node-modules-dir=manual"];
  assertEquals(flagsWith({ files: { "/srv/app/package.json": "{}" } }), manual);
  // In the same folder, one flag applies to both.
  const beside = { "/srv/app/package.json": "{}", "/srv/app/deno.json": "{}" };
  assertEquals(flagsWith({ files: beside }), ["--config", "/srv/app/deno.json"]);
  // Above a package.json only a workspace counts.
  const above = { "/srv/app/package.json": "{}", "/srv/deno.json": "{}" };
  assertEquals(flagsWith({ files: above }), manual);
  const workspace = { "/srv/app/package.json": "{}", "/srv/deno.json": '{ "workspace": ["./app"] }' };
  assertEquals(flagsWith({ files: workspace }), ["--config", "/srv/deno.json"]);
  assertEquals(flagsWith({ files: { "/srv/package.json": "{}", "/srv/app/deno.json": "{}" } }), [
    "--config",
    "/srv/app/deno.json",
  ]);
});

test("findProgram() ignores package.json if Deno ignores it", () => {
  const files = { "/srv/app/package.json": "{}", "/srv/deno.json": "{}" };
  const variables = { DENO_NO_PACKAGE_JSON: "1" };
  assertEquals(flagsWith({ files, variables }), ["--config", "/srv/deno.json"]);
  assertEquals(flagsWith({ files, variables: {} }), ["--node-modules-dir=manual"]);
});

test("findProgram() never prompts for a permission", () => {
  const files = { "/srv/app/deno.json": "{}", "/srv/deno.json": "{}" };
  assertEquals(flagsWith({ files, hidden: /^\/srv\/app/ }), ["--config", "/srv/deno.json"]);
  assertEquals(flagsWith({ files, hidden: /^\// }), []);
});

test("findProgram() accepts a main module without a folder", () => {
  const files = { "/deno.json": "{}" };
  for (const main of ["https://example.com/main.ts", "data:text/javascript,1"]) {
    assertEquals(findProgram(hostWith({ files, main })), { main, flags: [] });
  }
  assertEquals(findProgram({ ...hostWith({ files }), mainModule: undefined }), { main: undefined, flags: [] });
});

test("findProgram() writes paths in the form of the command line", () => {
  const files = { "/srv/a b/ä/deno.json": "{}" };
  assertEquals(flagsWith({ files, main: "file:///srv/a%20b/%C3%A4/main.ts" }), ["--config", "/srv/a b/ä/deno.json"]);
});

test("programWith() passes the configuration on, regardless of other flags", () => {
  const program = { main: "file:///main.ts", flags: ["--config", "/deno.json"] };
  for (const execArgs of [[], ["--v8-flags=--expose-gc", "--no-lock", "--configure"]]) {
    assertEquals(programWith(execArgs, program), { flags: program.flags, program });
  }
});

test("programWith() lets flags of the caller replace the configuration, also in nested workers", () => {
  const main = "file:///main.ts";
  const program = { main, flags: ["--config", "/deno.json"] };
  for (const given of [["--config", "/other.json"], ["--config=/other.json"], ["-c", "/other.json"], ["--no-config"]]) {
    assertEquals(programWith(["--quiet", ...given], program), { flags: [], program: { main, flags: given } });
  }
  const map = ["--import-map", "/map.json"];
  assertEquals(programWith(map, program), {
    flags: program.flags,
    program: { main, flags: [...program.flags, ...map] },
  });
  const manual = { main, flags: ["--node-modules-dir=manual"] };
  const none = ["--node-modules-dir=none"];
  assertEquals(programWith(none, manual), { flags: [], program: { main, flags: none } });
  assertEquals(programWith(["--node-modules-dir", ...map], manual), {
    flags: [],
    program: { main, flags: ["--node-modules-dir", ...map] },
  });
});
