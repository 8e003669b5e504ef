// Deadline: 180 s: the runner is a program, and starts workers of its own.

import { test } from "node:test";
import { RUNTIME } from "../support/runtime.ts";
import { assertNothingLeft, runSuite } from "./project.ts";

const OTHER_RUNTIME = RUNTIME === "node" ? false : "the runner is Node's";

test("a program runs in node --test, also under fake timers, and leaves nothing", { skip: OTHER_RUNTIME }, async () => {
  assertNothingLeft(await runSuite({ runner: "node", suite: "suite", count: 2 }));
});
