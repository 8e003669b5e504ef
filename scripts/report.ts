// Writes `README.md`, `report.html` and the README's picture from saved results, without running the benches:
// `node scripts/run.mjs scripts/report.ts [folder]`.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { loadResults, type RuntimeResults } from "./report_data.ts";
import { toHtml } from "./report_html.ts";
import { toMarkdown } from "./report_markdown.ts";
import { drawPicture } from "./report_picture.ts";
import { ROOT } from "./runner/root.ts";

export function writeReports(folder: string): void {
  const runtimes = loadResults(join(folder, "results"));
  writeFileSync(join(folder, "README.md"), toMarkdown(runtimes));
  writeFileSync(join(folder, "report.html"), toHtml(runtimes));
  writeFileSync(join(folder, "threads_or_processes.svg"), pictureOf(runtimes));
}

/** Draws the picture of the README, for the runtimes with results. */
export function pictureOf(runtimes: readonly RuntimeResults[]): string {
  return drawPicture(runtimes.flatMap(({ label, thread_vs_process: results }) => results ? [{ label, results }] : []));
}

if (import.meta.main) writeReports(process.argv[2] ?? join(ROOT, "bench"));
