import { test } from "node:test";
import { checkOutput } from "../bundle/support.ts";
import { runExample } from "./support.ts";

test("bundle/main.ts gives the same output from its sources as bundled", async () => {
  checkOutput(await runExample("bundle/main.ts", ["some", "arguments"]));
});
