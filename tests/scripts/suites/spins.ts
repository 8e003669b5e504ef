// Deadline: 2 s: it will not need more to hang.

import { test } from "node:test";

test("spins", () => {
  while (performance.now() > 0);
});
