// Deadline: 180 s: the runner is a program, and starts workers of its own.

import { test } from "node:test";
import { RUNTIME } from "../support/runtime.ts";
import { assertNothingLeft, runSuite } from "./project.ts";

const OTHER_RUNTIME = RUNTIME === "bun" ? false : "the runner is Bun's";

test("a program runs in bun test, also under fake timers, and leaves nothing", { skip: OTHER_RUNTIME }, async () => {
  assertNothingLeft(await runSuite({ runner: "bun", suite: "suite", count: 2 }));
});
