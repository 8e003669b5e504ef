import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { requireRuntime, runtimeName } from "../../src/runtime/requirements.ts";
import { layOut, PACKAGE, write } from "../../scripts/runner/npm_layout.ts";
import { RUNTIME } from "../support/runtime.ts";

/** An outdated Node on the PATH, with its version. */
const OLD_NODE = RUNTIME === "node" ? findOldNode() : undefined;
const NO_OLD_NODE = OLD_NODE === undefined ? "needs Node, and an older one on the PATH" : false;

test("the runtime is known by its versions", () => {
  assertEquals(runtimeName, RUNTIME);
});

test("requireRuntime() distinguishes the runtimes, although Deno and Bun report a version of Node", () => {
  assertEquals(requireRuntime({ node: "22.18.0" }), "node");
  assertEquals(requireRuntime({ node: "26.3.0", bun: "1.4.5" }), "bun");
  assertEquals(requireRuntime({ node: "26.3.0", deno: "2.9.5" }), "deno");
});

test("requireRuntime() accepts the oldest versions and all later ones, including canaries", () => {
  for (const node of ["22.18.0", "22.19.1", "23.0.0", "24.0.0-rc.1", "100.0.0"]) {
    assertEquals(requireRuntime({ node }), "node");
  }
  for (const bun of ["1.4.0", "1.4.0-canary.2+0123abc", "1.10.0", "2.0.0"]) {
    assertEquals(requireRuntime({ bun, node: "20.0.0" }), "bun");
  }
  for (const deno of ["2.9.0", "2.10.0", "2.9.0+abc", "3.0.0"]) assertEquals(requireRuntime({ deno }), "deno");
});

test("requireRuntime() names an outdated version, and the required one", () => {
  const cases: [Record<string, string>, string][] = [
    [{ node: "20.20.2" }, "Node 22.18 or newer is needed: current version is 20.20.2"],
    [{ node: "22.17.1" }, "Node 22.18 or newer is needed: current version is 22.17.1"],
    [{ node: "26.3.0", bun: "1.3.9" }, "Bun 1.4 or newer is needed: current version is 1.3.9"],
    [{ node: "26.3.0", deno: "2.8.4" }, "Deno 2.9 or newer is needed: current version is 2.8.4"],
    [{ deno: "1.46.3" }, "Deno 2.9 or newer is needed: current version is 1.46.3"],
  ];
  for (const [versions, message] of cases) {
    assertThrows(() => requireRuntime(versions), Error, `Cannot load Heddle: ${message}`);
  }
});

test("requireRuntime() names the requirements if the runtime is unknown", () => {
  const message = "Cannot load Heddle: one of Deno 2.9, Bun 1.4, Node 22.18 or newer is needed";
  for (const versions of [undefined, {}, { quickjs: "1.0.0" }]) {
    assertThrows(() => requireRuntime(versions), Error, message);
  }
});

test("requireRuntime() rejects a version that it cannot parse", () => {
  for (const node of ["", "next", "22"]) {
    assertThrows(() => requireRuntime({ node }), Error, `current version is ${node}`);
  }
});

test("each entry point of the package names an older Node, without other errors", { skip: NO_OLD_NODE }, () => {
  const { binary, version } = OLD_NODE!;
  const folder = mkdtempSync(join(tmpdir(), "heddle-old-"));
  try {
    layOut(folder, [PACKAGE.name]);
    const names = Object.keys(PACKAGE.exports).map((path) => PACKAGE.name + path.slice(1));
    const source = `for (const name of ${JSON.stringify(names)}) {
      await import(name).then(() => console.log("loaded " + name), (error) => console.log(error.message));
    }`;
    write(join(folder, "main.mjs"), source);
    // The flags of the current Node do not apply to the older one.
    const env = { ...process.env, NODE_OPTIONS: "" };
    const { stdout } = spawnSync(binary, ["main.mjs"], { cwd: folder, env, encoding: "utf8" });
    const message = `Cannot load Heddle: Node 22.18 or newer is needed: current version is ${version}`;
    assertEquals(stdout.trim().split("\n"), names.map(() => message));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function findOldNode(): { binary: string; version: string } | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const binary = join(folder, process.platform === "win32" ? "node.exe" : "node");
    if (!existsSync(binary)) continue;
    const version = /^v(\S+)/.exec(spawnSync(binary, ["--version"], { encoding: "utf8" }).stdout ?? "")?.[1];
    // ES modules, and the imported names of Node's modules, exist since version 16.
    if (version !== undefined && /^(?:1[6-9]|2[01])\./.test(version)) return { binary, version };
  }
  return undefined;
}
