// Writes the bench results as tables: `bench/README.md`.

import { digits, duration } from "../bench/support/print.ts";
import type { Kind } from "../bench/support/peers/peer.ts";
import type { RuntimeResults } from "./report_data.ts";
import {
  hostOf,
  type Metric,
  METRICS,
  nameOf,
  sayAgainstPeers,
  sayBreakEven,
  sayBusy,
  troublesOf,
  verdict,
} from "./report_findings.ts";
import { promiseRows, promisesOf, sayFigure } from "./report_promises.ts";
import type { SheetBench } from "../bench/support/sheets.ts";
import { mergeSheets, sayTime, SHEET_BENCHES } from "./report_sheets.ts";

export function toMarkdown(runtimes: readonly RuntimeResults[]): string {
  const sections = [
    "# Bench results",
    "Written by `npm run bench`; [report.html](report.html) shows the results as charts. Times are medians, with two workers.\n" +
    "The machine is shared and figures differ from run to run: compare within a table, not between machines.",
    table(["", "commit", "date", "machine"], runtimes.map((runtime) => [runtime.label, ...originOf(runtime)])),
    sayBusy(runtimes),
    "## Threads or processes?",
    ...runtimes.map(sayVerdict),
    threadsOrProcesses(runtimes),
    "Regardless of speed: code that may crash, leak or run away belongs in processes, whose end does not harm the program.",
    "## How small may a task be?",
    "The speed-up of a batch of tasks of one size on two workers over running it in place; below 1, sending does not pay off.",
    smallest(runtimes),
    ...SHEET_BENCHES.flatMap(({ bench, question }) => [`## ${question}`, ...sheets(runtimes, bench)]),
    "## Performance targets",
    promises(runtimes),
    ...(["thread", "process"] as const).flatMap((kind) => [
      `## Ours against peers: ${kind === "thread" ? "threads" : "processes"}`,
      ...METRICS.flatMap((metric) => [
        `**${metric.title}** (${metric.better === "longer" ? "more" : "less"} is better). ` +
        sayAgainstPeers(runtimes, kind, metric),
      ]),
      ...METRICS.map((metric) => peersTable(runtimes, kind, metric)),
    ]),
    "## Peers that hang or fail",
    troubles(runtimes),
  ];
  return sections.filter((section) => section !== "").join("\n\n") + "\n";
}

function originOf(runtime: RuntimeResults): string[] {
  const host = hostOf(runtime);
  const machine = host === undefined ? "" : `${host.cpu}, ${host.cores} cores, ${host.system}`;
  return [`\`${runtime.commit}\``, runtime.date.slice(0, 10), machine];
}

function sayVerdict(runtime: RuntimeResults): string {
  const { choice, reasons } = verdict(runtime);
  return `**${runtime.label}: ${choice}.** ${reasons}`;
}

function threadsOrProcesses(runtimes: readonly RuntimeResults[]): string {
  const measured = runtimes.filter((runtime) => runtime.thread_vs_process !== undefined);
  const cells = measured[0]?.thread_vs_process?.cells ?? [];
  const rows = cells.map((cell) => [
    cell.what,
    ...measured.map((runtime) => {
      const own = runtime.thread_vs_process!.cells.find(({ id }) => id === cell.id)!;
      const mark = (side: "threads" | "processes") =>
        own.winner === side ? `**${duration(own[side])}**` : duration(own[side]);
      return `${mark("threads")} / ${mark("processes")}`;
    }),
  ]);
  return table(["threads / processes", ...measured.map(nameOf)], rows);
}

function smallest(runtimes: readonly RuntimeResults[]): string {
  const measured = runtimes.filter((runtime) => runtime.smallest_task !== undefined);
  const sizes = measured[0]?.smallest_task?.sizes ?? [];
  const rows = sizes.map(({ micros }, i) => [
    `${duration(micros / 1000)} of work`,
    ...measured.map((runtime) => {
      const size = runtime.smallest_task!.sizes[i]!;
      return `${digits(size.threads)} / ${digits(size.processes)}`;
    }),
  ]);
  const sentences = measured.map((runtime) => `- ${nameOf(runtime)}: ${sayBreakEven(runtime)}`);
  return [table(["threads / processes", ...measured.map(nameOf)], rows), sentences.join("\n")].join("\n\n");
}

function promises(runtimes: readonly RuntimeResults[]): string {
  const measured = runtimes.filter((runtime) => promisesOf(runtime).length > 0);
  const rows = promiseRows(measured).map(({ what, limit, cells }) => [
    what,
    limit,
    ...cells.map((target) => target === undefined ? "" : `${sayFigure(target)}${target.met ? "" : " (missed)"}`),
  ]);
  return table(["ours, as a ratio or a time", "target", ...measured.map(nameOf)], rows);
}

function sheets(runtimes: readonly RuntimeResults[], bench: SheetBench): string[] {
  const measured = runtimes.filter((runtime) => runtime[bench] !== undefined);
  if (measured.length === 0) return ["Not measured yet."];
  return mergeSheets(measured, bench).flatMap(({ title, hint, notes, rows }) => [
    `**${title}.** ${hint}`,
    table([title, ...measured.map(nameOf)], rows.map(({ label, times }) => [label, ...times.map(sayTime)])),
    notes.map(({ runtime, note }) => `- ${nameOf(runtime)}: ${note}`).join("\n"),
  ]);
}

function peersTable(runtimes: readonly RuntimeResults[], kind: Kind, metric: Metric): string {
  const measured = runtimes.filter((runtime) => runtime.peers !== undefined);
  const peers = measured[0]?.peers?.peers.filter((peer) => peer.kind === kind) ?? [];
  const rows = peers.map(({ id, name, version }) => [
    version === undefined ? name : `${name} ${version}`,
    ...measured.map((runtime) => {
      const peer = runtime.peers!.peers.find((each) => each.id === id);
      return peer?.figures === undefined ? peer?.status ?? "" : metric.say(peer.figures[metric.id]);
    }),
  ]);
  if (kind === "process" && metric.id !== "speedup" && measured.some((runtime) => runtime.peers!.python)) {
    const { id } = metric;
    rows.push([
      `CPython ${measured.find((runtime) => runtime.peers!.python)!.peers!.python!.version}`,
      ...measured.map(({ peers }) => peers!.python === undefined ? "absent" : metric.say(peers!.python.figures[id])),
    ]);
  }
  return table([metric.title, ...measured.map(nameOf)], rows);
}

function troubles(runtimes: readonly RuntimeResults[]): string {
  const lines = runtimes.flatMap((runtime) =>
    troublesOf(runtime).map(({ peer, what }) => `- ${nameOf(runtime)}: ${peer} ${what.replaceAll("`", "'")}`)
  );
  return lines.length === 0 ? "None did." : lines.join("\n");
}

/** Formats a table with aligned columns, as `deno fmt` does. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "Not measured yet.";
  const cells = [header, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = header.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    `| ${widths.map((width, column) => (row[column] ?? "").padEnd(width)).join(" | ")} |`
  );
  lines.splice(1, 0, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`);
  return lines.join("\n");
}
