import { test } from "node:test";

test("passes > by the way", () => {});
