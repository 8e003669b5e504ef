import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { Host } from "../../bench/support/host.ts";
import { type Promised, promiseRatio, promiseTime } from "../../bench/support/promises.ts";
import { type Row, rowsOf, type Sheet, type SheetResults } from "../../bench/support/sheets.ts";
import type { RuntimeResults } from "../../scripts/report_data.ts";
import { toHtml } from "../../scripts/report_html.ts";
import { toMarkdown } from "../../scripts/report_markdown.ts";
import { promiseRows, sayFigure } from "../../scripts/report_promises.ts";
import { mergeSheets } from "../../scripts/report_sheets.ts";

const HOST: Host = { runtime: "node", version: "24", cpu: "CPU", cores: 2, system: "linux x64" };
const OURS: Row = { id: "heddle", name: "heddle <Lock>", group: "ours", time: 0.00012 };
const PEER: Row = { id: "peer", name: "peer", version: "1.2.3", group: "peer", time: 0.0015 };
const TARGET = promiseRatio("passing", "acquire, time", "peer", 1.301, 1.2);

function measuredOn(id: string, sheets: readonly Sheet[], targets: readonly Promised[] = []): RuntimeResults {
  const locks: SheetResults = { bench: "locks", host: HOST, quick: true, sheets, targets };
  return { id, label: `${id} 1`, commit: "abc", date: "2026-01-01T00:00:00Z", locks };
}

function sheet(id: string, rows: readonly Row[], note?: string): Sheet {
  return { id, title: `Title of ${id}`, hint: "Hint.", rows, ...note === undefined ? {} : { note } };
}

test("mergeSheets() puts runtimes side by side and keeps rows measured on only one", () => {
  const merged = mergeSheets([
    measuredOn("deno", [sheet("a", [OURS], "seen"), sheet("b", [OURS])]),
    measuredOn("bun", [sheet("a", [{ ...OURS, time: 1 }, PEER]), sheet("b", [PEER]), sheet("c", [PEER])]),
  ], "locks");
  assertEquals(merged.map(({ title }) => title), ["Title of a", "Title of b", "Title of c"]);
  assertEquals(merged[0]!.rows.map(({ label, times }) => [label, times]), [
    ["heddle <Lock>", [OURS.time, 1]],
    ["peer 1.2.3", [undefined, PEER.time]],
  ]);
  assertEquals(merged[0]!.notes.map(({ runtime, note }) => [runtime.id, note]), [["deno", "seen"]]);
});

test("rowsOf() omits libraries that were not measured", () => {
  assertEquals(rowsOf([OURS, PEER], { peer: 2 }), [{ ...PEER, time: 2 }]);
});

test("promiseRatio() and promiseTime() are met up to their limit", () => {
  assertEquals([TARGET.met, promiseRatio("", "", "", 1.204, 1.2).met], [false, true]);
  const [slow, fast] = [promiseTime("", "", 0.000301, 300), promiseTime("", "", 0.0003, 300)];
  assertEquals([slow.met, fast.met], [false, true]);
  assertEquals([sayFigure(TARGET), sayFigure(fast)], ["1.30 of peer", "300 ns"]);
});

test("promiseRows() shows each promise once, with a gap where it was not measured", () => {
  const rows = promiseRows([measuredOn("deno", [], [TARGET]), measuredOn("bun", [])]);
  assertEquals(rows.map(({ what, limit }) => [what, limit]), [["lock: acquire, time", "at most 1.2"]]);
  assertEquals(rows[0]!.cells.map((cell) => cell?.value), [1.3, undefined]);
});

test("toMarkdown() shows a table for each sheet and the promises", () => {
  const text = toMarkdown([measuredOn("deno", [sheet("a", [OURS, PEER], "seen")], [TARGET])]);
  assert(text.includes("| heddle <Lock> | 120 ns  |"), text);
  assert(text.includes("| peer 1.2.3    | 1.50 us |"), text);
  assert(text.includes("- deno: seen"), text);
  assert(text.includes("| lock: acquire, time        | at most 1.2 | 1.30 of peer (missed) |"), text);
});

test("toHtml() shows the same content, and escapes names", () => {
  const page = toHtml([measuredOn("deno", [sheet("a", [OURS, PEER], "seen")], [TARGET])]);
  assert(page.includes("<td><b>heddle &lt;Lock&gt;</b></td><td>120 ns</td>"), page);
  assert(page.includes("&cross; 1.30</span><small>of peer</small>"), page);
});
