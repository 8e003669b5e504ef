// Writes the report's sections with charts, each with a sentence that sums it up.

import type { PeersResults } from "../bench/support/peers_results.ts";
import { duration } from "../bench/support/print.ts";
import type { Kind } from "../bench/support/peers/peer.ts";
import type { RuntimeResults } from "./report_data.ts";
import {
  type Metric,
  METRICS,
  nameOf,
  oursOf,
  sayAgainstPeers,
  sayBestRuntime,
  sayBreakEven,
  sayScore,
} from "./report_findings.ts";
import { promiseRows, promisesOf, splitFigure } from "./report_promises.ts";
import { mergeSheets, sayTime, SHEET_BENCHES } from "./report_sheets.ts";
import { type Bar, barChart, escape, groupedChart, lineChart, pairChart, type Tone } from "./report_svg.ts";

const KINDS: readonly { kind: Kind; words: string }[] = [
  { kind: "thread", words: "threads" },
  { kind: "process", words: "processes" },
];

export function threadAgainstProcess(runtimes: readonly RuntimeResults[]): string {
  const cards = runtimes.filter((runtime) => runtime.thread_vs_process !== undefined).map((runtime) => {
    const pairs = runtime.thread_vs_process!.cells.map(({ what, threads, processes, winner }) => ({
      label: what,
      bars: [
        bar("threads", "thread", threads, duration(threads), winner === "even" ? undefined : winner === "threads"),
        bar(
          "processes",
          "process",
          processes,
          duration(processes),
          winner === "even" ? undefined : winner === "processes",
        ),
      ] as const,
    }));
    const chart = pairChart(`Threads against processes on ${runtime.label}`, pairs);
    return card(runtime, chart, sayScore(runtime));
  });
  return section(
    "Threads against processes",
    "The same work in our two pools. Each row has its own scale; shorter is better, the winner is in full colour.",
    legend([["thread", "threads"], ["process", "processes"]]) + grid(cards),
  );
}

/** A figure of our own pools, for comparing runtimes. */
interface OwnFigure {
  readonly title: string;
  readonly better: Metric["better"];
  say(value: number): string;
  of(runtime: RuntimeResults, kind: Kind): number | null | undefined;
}

const OWN_FIGURES: readonly OwnFigure[] = [
  ...METRICS.map((metric): OwnFigure => ({
    ...metric,
    of: (runtime, kind) => runtime.peers && oursOf(runtime.peers, kind)?.figures?.[metric.id],
  })),
  {
    title: "Start of a pool",
    better: "shorter",
    say: duration,
    of: (runtime, kind) =>
      runtime.thread_vs_process?.cells.find(({ id }) => id === "start")?.[kind === "thread" ? "threads" : "processes"],
  },
  {
    title: "Smallest task worth sending",
    better: "shorter",
    say: (micros) => duration(micros / 1000),
    of: (runtime, kind) => runtime.smallest_task?.breakEven[kind === "thread" ? "threads" : "processes"],
  },
];

export function runtimeAgainstRuntime(runtimes: readonly RuntimeResults[]): string {
  const cards = OWN_FIGURES.map((figure) => {
    const findings: string[] = [];
    const groups = KINDS.map(({ kind, words }) => {
      const bars = runtimes.map((runtime) => {
        const value = figure.of(runtime, kind) ?? undefined;
        return bar(nameOf(runtime), runtime.id as Tone, value, value === undefined ? "none" : figure.say(value));
      });
      const entries = bars.flatMap(({ label, value }) => value === undefined ? [] : [{ name: label, value }]);
      findings.push(`${words}: ${sayBestRuntime(entries, figure.better) || "nothing to compare"}`);
      return { heading: words, bars };
    });
    const chart = groupedChart(`${figure.title}, by runtime`, groups);
    const hint = `<span class="hint">${figure.better} is better</span>`;
    return `<div class="card"><h4>${escape(figure.title)} ${hint}</h4>${chart}<p>${
      escape(findings.join("; "))
    }.</p></div>`;
  });
  const keys = runtimes.map((runtime): [Tone, string] => [runtime.id as Tone, runtime.label]);
  return section("Runtimes compared", "Our two pools on each runtime.", legend(keys) + grid(cards));
}

export function againstPeers(runtimes: readonly RuntimeResults[]): string {
  const measured = runtimes.filter((runtime) => runtime.peers !== undefined);
  return KINDS.map(({ kind, words }) => {
    const blocks = METRICS.map((metric) => {
      const cards = measured.map((runtime) => card(runtime, peersChart(runtime.peers!, kind, metric)));
      const finding = `<p class="finding ${kind}">${escape(sayAgainstPeers(measured, kind, metric))}</p>`;
      return block(metric.title, `${metric.better} is better`, grid(cards) + finding);
    });
    const keys: [Tone, string][] = [[kind, "heddle"], ["peer", "peers"], ["raw", "raw messages, no pool"]];
    if (kind === "process") keys.push(["python", "CPython's ProcessPoolExecutor"]);
    return section(
      `Ours against peers: ${words}`,
      "The same work, two workers, answers compared before timing. A bar with a cut is longer than shown.",
      legend(keys) + blocks.join(""),
    );
  }).join("\n");
}

function peersChart(peers: PeersResults, kind: Kind, metric: Metric): string {
  const shown = peers.peers.filter((peer) => peer.kind === kind);
  const bars = shown.map((peer): Bar => {
    const value = peer.figures?.[metric.id];
    const tone = peer.role === "ours" ? kind : peer.role;
    return bar(peer.name, tone, value, value === undefined ? peer.status : metric.say(value), peer.role === "ours");
  });
  if (kind === "process" && metric.id !== "speedup" && peers.python !== undefined) {
    const value = peers.python.figures[metric.id];
    bars.push(bar("CPython", "python", value, metric.say(value)));
  }
  // Where less is better, one very slow pool would make all other bars too short to read.
  const floor = shown.filter(({ role }) => role !== "peer").map(({ figures }) => figures?.[metric.id] ?? 0);
  const reference = Math.max(0, ...floor);
  const cap = metric.better === "shorter" && reference > 0 ? reference * 5 : Infinity;
  return barChart(`${metric.title}, ${kind} pools on ${peers.host.runtime}`, bars, cap);
}

export function smallestTask(runtimes: readonly RuntimeResults[]): string {
  const cards = runtimes.filter((runtime) => runtime.smallest_task !== undefined).map((runtime) => {
    const { sizes, breakEven } = runtime.smallest_task!;
    const lines = KINDS.map(({ kind, words }) => ({
      tone: kind,
      points: sizes.map((size) => ({ x: size.micros, y: size[words as "threads" | "processes"] })),
    }));
    const marks = KINDS.flatMap(({ kind, words }) => {
      const x = breakEven[words as "threads" | "processes"];
      return x === null || x === 0 ? [] : [{ tone: kind, x }];
    });
    const chart = lineChart(
      `Speed-up by size of task on ${runtime.label}`,
      lines,
      marks,
      (micros) => duration(micros / 1000).replace(/\.0+(?= )/, ""),
      (factor) => `${factor}x`,
    );
    return card(runtime, chart, sayBreakEven(runtime));
  });
  return section(
    "How small may a task be?",
    "Speed-up of two workers over running a batch of tasks in place, by the size of one task. Above the dashed line sending pays off; " +
      "the ring marks where it starts to.",
    legend([["thread", "threads"], ["process", "processes"]]) + grid(cards),
  );
}

export function lockAndStartSheets(runtimes: readonly RuntimeResults[]): string {
  return SHEET_BENCHES.map(({ bench, question }) => {
    const measured = runtimes.filter((runtime) => runtime[bench] !== undefined);
    const blocks = mergeSheets(measured, bench).map(({ title, hint, notes, rows }) => {
      const lines = rows.map(({ label, group, times }) => {
        const name = group === "ours" ? `<b>${escape(label)}</b>` : escape(label);
        return `<tr><td>${name}</td>${times.map((time) => `<td>${sayTime(time)}</td>`).join("")}</tr>`;
      });
      const remarks = notes.map(({ runtime, note }) => `<p class="hint">${nameOf(runtime)}: ${escape(note)}</p>`);
      return block(title, hint, tableCard(["", ...measured.map(({ label }) => label)], lines) + remarks.join(""));
    });
    return blocks.length === 0 ? "" : section(question, "Less is better; ours is in bold.", blocks.join(""));
  }).join("\n");
}

export function promises(runtimes: readonly RuntimeResults[]): string {
  const measured = runtimes.filter((runtime) => promisesOf(runtime).length > 0);
  const rows = promiseRows(measured).map(({ what, limit, cells }) => {
    const pills = cells.map((target) => {
      if (target === undefined) return "<td></td>";
      const { figure, of } = splitFigure(target);
      return `<td><span class="pill ${target.met ? "good" : "bad"}">${target.met ? "&check;" : "&cross;"} ${
        escape(figure)
      }</span><small>${escape(of)}</small></td>`;
    });
    return `<tr><td>${escape(what)}</td><td>${limit}</td>${pills.join("")}</tr>`;
  });
  const all = measured.flatMap(promisesOf);
  return section(
    "Performance targets",
    `Targets of the project: ratios of ours to the best peer of its kind, compared round by round, or times. ${
      all.filter(({ met }) => met).length
    } of ${all.length} are met in this run.`,
    tableCard(["Figure", "Target", ...measured.map(({ label }) => label)], rows),
  );
}

function tableCard(header: readonly string[], rows: readonly string[]): string {
  const head = header.map((words) => `<th>${escape(words)}</th>`).join("");
  return `<div class="card scroll"><table><tr>${head}</tr>${rows.join("")}</table></div>`;
}

function bar(label: string, tone: Tone, value: number | undefined, text: string, strong?: boolean): Bar {
  return { label, tone, value, text, ...strong === undefined ? {} : { strong } };
}

function card(runtime: RuntimeResults, chart: string, sentence = ""): string {
  const finding = sentence === "" ? "" : `<p>${escape(sentence)}</p>`;
  return `<div class="card"><h4 class="dotted ${runtime.id}">${escape(runtime.label)}</h4>${chart}${finding}</div>`;
}

function section(title: string, lead: string, content: string): string {
  return `<h2>${escape(title)}</h2><p class="lead">${escape(lead)}</p>${content}`;
}

function block(title: string, hint: string, content: string): string {
  return `<div class="block"><header><h3>${escape(title)}</h3><span class="hint">${
    escape(hint)
  }</span></header>${content}</div>`;
}

function grid(cards: readonly string[]): string {
  return `<div class="grid">${cards.join("")}</div>`;
}

function legend(keys: readonly (readonly [Tone, string])[]): string {
  return `<div class="legend">${
    keys.map(([tone, words]) => `<span><i class="${tone}"></i>${escape(words)}</span>`).join("")
  }</div>`;
}
