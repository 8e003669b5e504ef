import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { assertThrows } from "@std/assert";
import { carry } from "../../src/task/mod.ts";
import { user } from "../fixtures/carry_tasks.ts";

test("carry() rejects a second store with the same name, and accepts the same store again", () => {
  carry("user", user);
  assertThrows(
    () => carry("user", new AsyncLocalStorage()),
    TypeError,
    "Cannot carry 'user': another store has this name",
  );
});

test("carry() rejects values that are not stores", () => {
  for (const store of [undefined, null, {}, { getStore() {} }, { run() {} }]) {
    assertThrows(
      () => carry("broken", store as never),
      TypeError,
      "Cannot carry 'broken' as 'store' must have the methods getStore and run: current value is",
    );
  }
  assertThrows(
    () => carry(1 as never, user),
    TypeError,
    "Cannot carry a store as 'name' must be a string: current value is 1",
  );
});
