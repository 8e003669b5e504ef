import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { byFile, type Case, guessHanging, readEvents, readJunit, readJunitFiles } from "../../scripts/runner/report.ts";

test("readJunit() reads Deno's files, with steps instead of their test, and errors as failures", () => {
  const xml = `<testsuites><testsuite name="./a_test.ts">
    <testcase name="plain &lt;a&gt;" classname="./a_test.ts" time="0.1"></testcase>
    <testcase name="outer" classname="./a_test.ts"><failure message="1 test step failed">1 failed</failure></testcase>
    <testcase name="outer &gt; inner" classname="./a_test.ts"><failure message="m">Error: &quot;why&quot;</failure></testcase>
    <testcase name="exits" classname="./a_test.ts"><error message="Cancelled"/></testcase>
  </testsuite></testsuites>`;
  assertEquals(readJunit(xml), [
    { name: "plain <a>", outcome: "passed", detail: "", time: 100 },
    { name: "outer > inner", outcome: "failed", detail: 'Error: "why"', time: 0 },
    { name: "exits", outcome: "failed", detail: "Cancelled", time: 0 },
  ]);
});

test("readJunit() reads Bun's files, where the suite belongs to the name", () => {
  const xml = `<testsuite name="Suite"><testcase name="inner" classname="Suite" time="0" file="a_test.ts" />
    <testcase name="skips" classname="" file="a_test.ts"><skipped /></testcase></testsuite>`;
  assertEquals(readJunit(xml), [
    { name: "Suite > inner", outcome: "passed", detail: "", time: 0 },
    { name: "skips", outcome: "skipped", detail: "", time: 0 },
  ]);
});

test("readEvents() counts completed tests and ignores a truncated line", () => {
  const lines = [
    { event: "start", name: "a" },
    { event: "end", name: "a", outcome: "passed", detail: "", time: 7 },
    { event: "start", name: "b" },
  ].map((line) => JSON.stringify(line)).join("\n");
  assertEquals(readEvents(`${lines}\n{"event":"end","na`), [{ name: "a", outcome: "passed", detail: "", time: 7 }]);
});

test("readJunitFiles() keeps the tests of files apart", () => {
  const ofBun = `<testcase name="a" classname="" file="x/a_test.ts"/>
    <testcase name="b" classname="a" file="b_test.ts"/>`;
  assertEquals(namesOf(readJunitFiles(ofBun)), [["x/a_test.ts", ["a"]], ["b_test.ts", ["a > b"]]]);
});

test("byFile() sorts tests by the file that their names begin with", () => {
  const names = ["x/a_test.ts > a", "x/a_test.ts", "b_test.ts > a > b", "empty_test.ts"];
  const ofNode = names.map((name) => JSON.stringify({ event: "end", name, outcome: "passed", detail: "" })).join("\n");
  const ofDeno = names.filter((name) => name.includes(">"))
    .map((name) => `<testcase name="${name.replaceAll(">", "&gt;")}" classname="./scripts/group.mjs" time="0"/>`);
  for (const tests of [readEvents(`${ofNode}\n`), readJunit(ofDeno.join(""))]) {
    assertEquals(namesOf(byFile(tests)), [["x/a_test.ts", ["a"]], ["b_test.ts", ["a > b"]]]);
  }
});

function namesOf(files: ReadonlyMap<string, readonly Case[]>): [file: string, names: string[]][] {
  return [...files].map(([file, cases]) => [file, cases.map(({ name }) => name)]);
}

test("guessHanging() names a test that started and did not end", () => {
  const report = `{"event":"start","name":"a"}\n{"event":"end","name":"a"}\n{"event":"start","name":"b"}\n`;
  assertEquals(guessHanging("", report, ""), "b");
  assertEquals(guessHanging("", "", "running 2 tests\na ... ok (1ms)\nb ..."), "b");
});

test("guessHanging() falls back to the first test of the source without a report", () => {
  const source = `test("a", () => {});\n  test('b', () => {});\ntest(\`c\`, () => {});`;
  assertEquals(guessHanging(source, "", "(pass) a [1ms]"), "b");
});
