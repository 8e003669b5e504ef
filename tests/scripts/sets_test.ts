import { dirname } from "node:path";
import { test } from "node:test";
import { assert, assertEquals, assertFalse } from "@std/assert";
import type { FoundRuntime } from "../../scripts/runner/runtimes.ts";
import { concerned, groupsOf, jobsOf } from "../../scripts/runner/sets.ts";

const RUNTIMES = (["deno", "bun", "node", "node22"] as const).map((id): FoundRuntime => ({
  id,
  label: id,
  binary: id,
}));
const TESTS = [
  "tests/contract/executor_map_test.ts",
  "tests/core/deque_test.ts",
  "tests/queue/queue_test.ts",
  "tests/scripts/sets_test.ts",
  "tests/time/timer_test.ts",
  "tests/throttle/rate_test.ts",
];

test("concerned() names the tests of a changed module and of those that import it", () => {
  assertEquals(concerned(TESTS, ["src/throttle/gate.ts"]), ["tests/throttle/rate_test.ts"]);
  assertEquals(concerned(TESTS, ["src/core/deque.ts"]), TESTS.filter((test) => !test.startsWith("tests/scripts/")));
  const ofTime = concerned(TESTS, ["src/time/system_clock.ts"]);
  assert(ofTime.includes("tests/time/timer_test.ts") && ofTime.includes("tests/queue/queue_test.ts"), `${ofTime}`);
});

test("concerned() adds the contract when a module of the engine changes", () => {
  assert(concerned(TESTS, ["src/pool/engine.ts"]).includes("tests/contract/executor_map_test.ts"));
  assertFalse(concerned(TESTS, ["src/throttle/gate.ts"]).includes("tests/contract/executor_map_test.ts"));
});

test("concerned() names tests that changed, and tests that use a changed file", () => {
  assertEquals(concerned(TESTS, ["tests/queue/queue_test.ts"]), ["tests/queue/queue_test.ts"]);
  assertEquals(concerned(TESTS, ["scripts/runner/sets.ts"]), ["tests/scripts/sets_test.ts"]);
  assertEquals(concerned(TESTS, ["README.md"]), []);
});

test("jobsOf() keeps long tests out of the default set, and adds scaling tests to the long set", () => {
  const files = (set: "default" | "long"): string[] => jobsOf(set, RUNTIMES.slice(0, 1), []).map(({ file }) => file);
  const [usual, long] = [files("default"), files("long")];
  assertFalse(usual.some((file) => file.endsWith("_long_test.ts")));
  assert(long.includes("tests/sync/abandoned_long_test.ts") && long.includes("tests/stress/crashes_test.ts"));
  assertFalse(long.includes("tests/core/deque_test.ts"));
});

test("jobsOf() runs all tests on three runtimes, on Node most of them on the transpiled package", () => {
  const jobs = jobsOf("default", RUNTIMES, []);
  const of = (id: string) => jobs.filter(({ runtime }) => runtime.id === id);
  assertEquals([of("bun").length, of("node").length], [of("deno").length, of("deno").length]);
  assertFalse(jobs.some(({ runtime, built }) => built && !runtime.id.startsWith("node")));
  assertEquals(jobsOf("default", RUNTIMES, ["core/deque"]).map(({ runtime, built }) => [runtime.id, built]), [
    ["deno", false],
    ["bun", false],
    ["node", true],
  ]);
  assert(of("node").some(({ built }) => !built), "Some tests run on the sources");
  assert(of("node22").every(({ file }) => /contract|package|program/.test(file)));
});

test("groupsOf() groups files by folder and runtime, and excludes tests of whole programs", () => {
  const jobs = jobsOf("default", RUNTIMES, []);
  const groups = groupsOf(jobs);
  assertEquals(groups.flat().length, jobs.length);
  assertEquals(new Set(groups.flat()), new Set(jobs));
  for (const group of groups) {
    assertEquals(new Set(group.map(({ runtime, built, file }) => `${runtime.id} ${built} ${dirname(file)}`)).size, 1);
    assert(group.length === 1 || !group.some(({ file }) => file.includes("/stress/") || file.includes("program")));
  }
  assert(groups.length < 0.6 * jobs.length, `${groups.length} programs for ${jobs.length} files`);
});
