// Deadline: 180 s: the runner is a program, and starts workers of its own.

import { test } from "node:test";
import { RUNTIME } from "../support/runtime.ts";
import { assertNothingLeft, installed, runSuite } from "./project.ts";

const OTHER_RUNTIME = RUNTIME === "node" && installed("jest") ? false : "jest runs on Node, with the dev dependencies";

test("a program runs in jest, also under fake timers, and leaves nothing", { skip: OTHER_RUNTIME }, async () => {
  assertNothingLeft(await runSuite({ runner: "jest", suite: "suite", count: 2 }));
});
