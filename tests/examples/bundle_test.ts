import { test } from "node:test";
import { checkOutput } from "../bundle/support.ts";
import { runExample } from "./support.ts";

test("bundle/main.ts runs from its sources as it does bundled", async () => {
  checkOutput(await runExample("bundle/main.ts", ["some", "arguments"]));
});
