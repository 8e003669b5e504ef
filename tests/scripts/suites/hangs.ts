// Deadline: 2 s: it will not need more to hang.

import { test } from "node:test";

test("comes first", () => {});
test("never ends", async () => {
  const timer = setInterval(() => {}, 1_000);
  await new Promise(() => {});
  clearInterval(timer);
});
