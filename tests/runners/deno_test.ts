// Deadline: 180 s: the runner is a program, and starts workers of its own.

import { test } from "node:test";
import { RUNTIME } from "../support/runtime.ts";
import { assertNothingLeft, runSuite } from "./project.ts";

const OTHER_RUNTIME = RUNTIME === "deno" ? false : "the runner is Deno's";

test("a program runs in deno test, also under fake timers, and leaves nothing", { skip: OTHER_RUNTIME }, async () => {
  assertNothingLeft(await runSuite({ runner: "deno", suite: "suite", count: 2 }));
});
