// Tests permissions on Deno: the error names the missing flags, and workers never have more permissions than their
// program.
// Deadline: 240 s

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import process from "node:process";
import { test } from "node:test";
import { runProgram } from "../support/program.ts";
import { RUNTIME } from "../support/runtime.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

const timeout = SLOW_TEST_LIMIT;
const skip = RUNTIME !== "deno" && "only Deno asks for permissions";

async function answer(permissions: string[], ...args: string[]): Promise<string> {
  const { stdout, stderr, late } = await runProgram("permissions.ts", { args, permissions });
  assert(!late, stdout + stderr);
  return stdout + stderr;
}

for (
  const [missing, permissions] of [
    ["--allow-run", ["--allow-read", "--allow-env"]],
    ["--allow-env", ["--allow-read", "--allow-run"]],
  ] as const
) { // deno-fmt-ignore
  test(`ProcessPoolExecutor names ${missing} if it is missing`, { timeout, skip }, async () => {
    assertStringIncludes(await answer([...permissions], "processes"), missing);
  });
}

test("ProcessPoolExecutor names --allow-read if a module may not be read", { timeout, skip }, async () => {
  const { stdout, stderr } = await runProgram("permissions_module.ts", { permissions: ["--allow-run", "--allow-env"] });
  assertStringIncludes(stdout + stderr, "--allow-read");
});

/** The flags that a message names. */
function flagsIn(text: string): string[] {
  return /run with (--.*)/.exec(text)?.[1]?.split(" ") ?? [];
}

test(
  "ProcessPoolExecutor names all missing flags at once, and runs with them",
  { timeout, skip },
  async () => {
    // Without any flag, `runProgram()` would allow everything.
    const run = (permissions: string[]) => runProgram("permissions_module.ts", { args: ["processes"], permissions });
    const { stdout, stderr, code } = await run(["--deny-ffi"]);
    const all = [`--allow-run=${process.execPath}`, "--allow-env", "--allow-read"];
    assertEquals([flagsIn(stdout), code], [all, 0], stdout + stderr);
    assertStringIncludes(stdout, "it is not permitted to start workers: run with ");
    assertEquals((await run(flagsIn(stdout))).stdout, "3\n");
    for (const given of all) {
      const rest = all.filter((flag) => flag !== given);
      assertEquals(flagsIn((await run([given])).stdout), rest, given);
    }
  },
);

test(
  "Process rejects its result if it may not be started, without further errors",
  { timeout, skip },
  async () => {
    for (const permissions of [["--deny-ffi"], ["--allow-env", "--allow-read"]]) {
      const { stdout, stderr, code } = await runProgram("permissions_module.ts", { args: ["unguarded"], permissions });
      assertEquals([stdout, code], ["", 1]);
      assertStringIncludes(stderr, "BrokenExecutorError: Cannot go on with Process-1: it is not permitted to start");
      assertStringIncludes(stderr, `run with --allow-run=${process.execPath}`);
    }
  },
);

test("ProcessPoolExecutor gives processes no permissions for an empty list of flags", { timeout, skip }, async () => {
  const text = await answer(["--allow-all"], "processes", "list");
  assert(/^granted \n/.test(text) || /--allow-read/.test(text), text);
});

test("ThreadPoolExecutor names --allow-read before a thread is started", { timeout, skip }, async () => {
  const { stdout, stderr } = await runProgram("permissions.ts", { args: ["threads"], permissions: ["--deny-ffi"] });
  const text = stdout + stderr;
  assertStringIncludes(text, "not permitted to start workers: run with --allow-read");
  assert(!text.includes("in worker"), text);
});

test("ProcessPoolExecutor gives processes at most the permissions of the program", { timeout, skip }, async () => {
  const needed = ["--allow-run", "--allow-env", "--allow-read"];
  assertEquals(await answer(needed, "processes"), "granted read env run\n");
  assertEquals(await answer([...needed, "--allow-net"], "processes"), "granted read net env run\n");
  assertEquals(await answer(["--allow-all"], "processes"), "granted read write net env run ffi sys\n");
  assertEquals(await answer([...needed, "--allow-net=localhost"], "processes"), "granted read env run\n");
});

test("ProcessPoolExecutor gives processes only access to their modules for 'none'", { timeout, skip }, async () => {
  assertEquals(await answer(["--allow-all"], "processes", "none"), "granted \n");
});

test("ProcessPoolExecutor gives processes the flags in its options", { timeout, skip }, async () => {
  assertEquals(await answer(["--allow-all"], "processes", "list", "--allow-read", "--allow-net"), "granted read net\n");
});

const noNode = RUNTIME !== "node" && "only Node has this permission model";

test("Pools name all missing flags at once under Node's permission model", {
  timeout,
  skip: noNode,
}, async () => {
  const run = async (kind: string, ...flags: string[]) => {
    const own = ["--no-warnings", "--permission", "--allow-fs-read=*", ...flags];
    const { stdout, stderr } = await runProgram("permissions_module.ts", { args: [kind], flags: own });
    assertEquals(stderr, "");
    return stdout;
  };
  const [child, worker] = ["--allow-child-process", "--allow-worker"];
  assertEquals(flagsIn(await run("threads")), [worker]);
  assertEquals(flagsIn(await run("processes")), [child, worker]);
  assertEquals(flagsIn(await run("processes", child)), [worker]);
  assertEquals(flagsIn(await run("processes", worker)), [child]);
  assertEquals(await run("threads", worker), "3\n");
  assertEquals(await run("processes", child, worker), "3\n");
});
