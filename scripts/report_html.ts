// Writes the report as a self-contained page: `bench/report.html`.

import type { RuntimeResults } from "./report_data.ts";
import { CSS } from "./report_css.ts";
import {
  againstPeers,
  lockAndStartSheets,
  promises,
  runtimeAgainstRuntime,
  smallestTask,
  threadAgainstProcess,
} from "./report_sections.ts";
import { hostOf, nameOf, sayBusy, troublesOf, verdict } from "./report_findings.ts";
import { escape } from "./report_svg.ts";

export function toHtml(runtimes: readonly RuntimeResults[]): string {
  return `<!-- deno-fmt-ignore-file -->
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Heddle: bench results</title>
<style>${CSS}</style>
</head>
<body>
<main>
${
    [
      opening(runtimes),
      threadAgainstProcess(runtimes),
      runtimeAgainstRuntime(runtimes),
      againstPeers(runtimes),
      smallestTask(runtimes),
      lockAndStartSheets(runtimes),
      promises(runtimes),
      troubles(runtimes),
      closing(),
    ].join("\n")
  }
</main>
</body>
</html>
`;
}

function opening(runtimes: readonly RuntimeResults[]): string {
  const cards = runtimes.map((runtime) => {
    const { choice, reasons } = verdict(runtime);
    const tone = choice === "threads" ? "thread" : choice === "processes" ? "process" : "either";
    return `<div class="card"><h4 class="dotted ${runtime.id}">${escape(runtime.label)}</h4>` +
      `<div class="choice ${tone}">${choice[0]!.toUpperCase()}${choice.slice(1)}</div><p>${escape(reasons)}</p></div>`;
  });
  return `<h1>Threads or processes?</h1>
<p class="lead">Heddle runs one typed task on a thread or in a process, on Deno, Bun and Node. This page shows the cost of each, how
the runtimes compare, and how common pools perform on the same work. Times are medians, with two workers.</p>
${origin(runtimes)}
<div class="grid">${cards.join("")}</div>
<p class="hint" style="margin-top:14px">Regardless of speed: code that may crash, leak or run away belongs in processes, whose end
does not harm the program.</p>`;
}

function origin(runtimes: readonly RuntimeResults[]): string {
  const host = runtimes.map(hostOf).find((host) => host !== undefined);
  const machine = host === undefined ? "" : `<b>${escape(host.cpu)}</b>, ${host.cores} cores, ${escape(host.system)}`;
  const runs = runtimes.map(({ label, commit, date }) =>
    `${escape(label)} at commit <code>${escape(commit)}</code> on ${date.slice(0, 10)}`
  );
  const busy = sayBusy(runtimes);
  const warning = busy === "" ? "" : `<p class="warning">${escape(busy)}</p>`;
  return `<p class="origin">${[machine, ...runs].filter(Boolean).join(" &middot; ")}</p>${warning}`;
}

function troubles(runtimes: readonly RuntimeResults[]): string {
  const rows = runtimes.flatMap((runtime) =>
    troublesOf(runtime).map(({ peer, what }) =>
      `<tr><td class="${runtime.id}">${nameOf(runtime)}</td><td>${escape(peer)}</td><td>${escape(what)}</td></tr>`
    )
  );
  if (rows.length === 0) return "";
  return `<h2>Peers that hang or fail</h2>
<p class="lead">Every pool runs in a process of its own. A pool without a sign of life for ten seconds is killed, retried once, and
then reported as hanging.</p>
<div class="card scroll"><table><tr><th>Runtime</th><th>Pool</th><th>What happened</th></tr>${
    rows.join("")
  }</table></div>`;
}

function closing(): string {
  return `<h2>Method</h2>
<p class="lead">All pools are open at once and take turns: in every round, each measurement goes through all of them within seconds, in
alternating order, so that changes in the load of the machine affect all of them. Answers are checked before and during timing.
Waking a sleeping thread takes 15 or 80 microseconds depending on the core, so one-at-a-time times are geometric means of short
bursts. Raw messages are the lower bound: two bare workers, one message per task. The machine is shared: compare within a chart.</p>`;
}
