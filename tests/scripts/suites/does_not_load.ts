import { test } from "node:test";

// Before the first test: after it, Deno's runner would pass over the error in silence.
load();

test("is never reached", () => {});

function load(): void {
  throw new Error("not today");
}
