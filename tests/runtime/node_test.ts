import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { runtime } from "../../src/runtime/mod.ts";
import { node } from "../../src/runtime/node.ts";

const ON_NODE = !("Deno" in globalThis) && !("Bun" in globalThis);
const ASKS_NODE = ON_NODE ? false : "asks Node about itself";

test("The adapter is Node's on Node", { skip: ASKS_NODE }, () => {
  assertEquals([runtime === node, runtime.name], [true, "node"]);
});

test("node.missingPermissions() names the missing flag", () => {
  const denied = (permission: string) => Object.assign(new Error("denied"), { code: "ERR_ACCESS_DENIED", permission });
  const flags = ["WorkerThreads", "ChildProcess", "FileSystemRead", "FileSystemWrite"].flatMap((permission) =>
    node.missingPermissions(denied(permission))
  );
  assertEquals(flags, ["--allow-worker", "--allow-child-process", "--allow-fs-read", "--allow-fs-write"]);
  assertEquals(node.missingPermissions(denied("Addons")), ["permission Addons"]);
});

test("node.missingPermissions() is empty for other errors", () => {
  for (const error of [new Error("x"), Object.assign(new Error("x"), { code: "ENOENT" }), { code: 5 }, "text"]) {
    assertEquals(node.missingPermissions(error), []);
  }
});

test("missingPermissions() accepts any thrown value", () => {
  for (const error of [undefined, null, 0, ""]) assertEquals(runtime.missingPermissions(error), []);
});
