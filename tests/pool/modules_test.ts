// Tests task modules that do not load, and exports that are not tasks.

import { assert, assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import {
  BrokenExecutorError,
  type Executor,
  InvalidStateError,
  type Task,
  tasksFrom,
  WorkerLostError,
} from "../../mod.ts";
import * as tasks from "../fixtures/tasks.ts";
import { ALL, testEach, WORKERS } from "../support/executors.ts";
import { within } from "../support/poll.ts";

type Handles = Record<string, Task<[], unknown>>;

function broken(name: string): string {
  return new URL(`../fixtures/broken/${name}.ts`, import.meta.url).href;
}

async function failure(pool: Executor, url: string, name = "run"): Promise<Error> {
  const error = await within("the failure", pool.submit(tasksFrom<Handles>(url)[name]!).exception());
  assertInstanceOf(error, Error);
  return error;
}

testEach(ALL, "names a missing module", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const url = broken("not_there");
  const error = await failure(pool, url);
  assertStringIncludes(error.message, url);
  assertStringIncludes(error.message, "'run'");
  assertEquals(await pool.submit(tasks.double, 1), 2);
  assertEquals(pool.stats().restarts, 0);
});

testEach(ALL, "names a module with a syntax error", async ({ open, file }) => {
  const path = file("modules/broken.mjs");
  mkdirSync(dirname(path));
  writeFileSync(path, "export function run( {");
  const pool = open({ maxWorkers: 1 });
  const url = pathToFileURL(path).href;
  const error = await failure(pool, url);
  assertStringIncludes(error.message, url);
  assert(error.cause !== undefined);
  assertEquals(await pool.submit(tasks.double, 1), 2);
});

testEach(ALL, "names a module that throws while it is loaded", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const url = broken("throws_while_loading");
  for (let i = 0; i < 3; i++) {
    const error = await failure(pool, url);
    assertStringIncludes(error.message, url);
    assertStringIncludes(error.message, "no luck today");
    assertInstanceOf(error.cause, RangeError);
  }
  assertEquals(await pool.submit(tasks.double, 1), 2);
  assertEquals(pool.stats().restarts, 0);
});

testEach(WORKERS, "refuses a module that opens a pool while it is loaded", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  for (let i = 0; i < 3; i++) assertEquals(await pool.submit(tasks.double, i), 2 * i);
  const error = await failure(pool, broken("opens_a_pool"));
  assertInstanceOf(error, InvalidStateError);
  assertStringIncludes(error.message, "every worker would open one of its own");
});

testEach(ALL, "names a missing export, and the existing ones", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const url = broken("not_a_function");
  const error = await failure(pool, url, "weave");
  assertInstanceOf(error, TypeError);
  for (const part of [url, "'weave'", "other", "present", "run"]) assertStringIncludes(error.message, part);
  assertEquals(await pool.submit(tasksFrom<Handles>(url).present!), "present");
});

testEach(ALL, "names an export that is not a function", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const url = broken("not_a_function");
  const error = await failure(pool, url);
  assertInstanceOf(error, TypeError);
  for (const part of [url, "'run'", "not a function"]) assertStringIncludes(error.message, part);
});

testEach(ALL, "does not take an inherited property for an export", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  for (const name of ["toString", "constructor", "hasOwnProperty", "__proto__"]) {
    const error = await failure(pool, broken("not_a_function"), name);
    assertInstanceOf(error, TypeError, name);
  }
});

testEach(WORKERS, "breaks after three workers that a module ends while it is loaded", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const url = broken("exits_while_loading");
  const futures = Array.from({ length: 10 }, () => pool.submit(tasksFrom<Handles>(url).run!));
  const errors = await within("all failures", Promise.all(futures.map((future) => future.exception())));
  assertEquals(errors.filter((error) => error instanceof WorkerLostError).length, 3);
  assertEquals(errors.filter((error) => error instanceof BrokenExecutorError).length, 7);
  assert(pool.stats().restarts <= 2, `${pool.stats().restarts} restarts`);
});
