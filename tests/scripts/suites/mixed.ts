import { test } from "node:test";
import { assertEquals } from "@std/assert";

/** Why the third is skipped. */
const REASON = "to see that it is counted as such";

test('passes & prints <a> "report"', () => console.log("ok 7 - not a report\n<testcase name='no'/>"));
test("fails", () => assertEquals(1, 2));
test("is skipped", { skip: REASON }, () => {});
test("has parts", async (part) => {
  await part.test("one", () => {});
});
